"""The description of the service: its root document and `$metadata` in CSDL XML. Pure."""

from xml.etree import ElementTree

from monitoring.odata.entity_types import DECIMAL, ENTITY_SETS, EntityType, Property
from monitoring.odata.filter_grammar import TEXT_CHANGES, TEXT_CONDITIONS

NAMESPACE = "BudgetMonitor"
CONTAINER = "Data"
_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_VOCABULARIES_AT = "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/"
_CORE, _CAPABILITIES = "Org.OData.Core.V1", "Org.OData.Capabilities.V1"
_VOCABULARIES = (_CORE, _CAPABILITIES)
_PRECISION = "20"


def metadata_document() -> bytes:
    """Return `$metadata`: entity types with their keys, properties and descriptions, and sets."""
    ElementTree.register_namespace("edmx", _EDMX)
    root = ElementTree.Element(f"{{{_EDMX}}}Edmx", Version="4.0")
    for vocabulary in _VOCABULARIES:
        reference = ElementTree.SubElement(
            root, f"{{{_EDMX}}}Reference", Uri=f"{_VOCABULARIES_AT}{vocabulary}.xml"
        )
        ElementTree.SubElement(reference, f"{{{_EDMX}}}Include", Namespace=vocabulary)
    services = ElementTree.SubElement(root, f"{{{_EDMX}}}DataServices")
    schema = ElementTree.SubElement(services, "Schema", xmlns=_EDM, Namespace=NAMESPACE)
    for entity_type in dict.fromkeys(each.entity_type for each in ENTITY_SETS.values()):
        _add_type(schema, entity_type)
    container = ElementTree.SubElement(schema, "EntityContainer", Name=CONTAINER)
    _add_functions(container)
    for each in ENTITY_SETS.values():
        type_name = f"{NAMESPACE}.{each.entity_type.name}"
        found = ElementTree.SubElement(container, "EntitySet", Name=each.name, EntityType=type_name)
        _add_description(found, each.description)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _add_functions(container: ElementTree.Element) -> None:
    """Say which functions `$filter` has, so that Power BI asks for no others."""
    annotation = ElementTree.SubElement(
        container, "Annotation", Term=f"{_CAPABILITIES}.FilterFunctions"
    )
    names = ElementTree.SubElement(annotation, "Collection")
    for name in (*TEXT_CONDITIONS, *TEXT_CHANGES):
        ElementTree.SubElement(names, "String").text = name


def _add_type(schema: ElementTree.Element, entity_type: EntityType) -> None:
    found = ElementTree.SubElement(schema, "EntityType", Name=entity_type.name)
    key = ElementTree.SubElement(found, "Key")
    ElementTree.SubElement(key, "PropertyRef", Name="id")
    for each in entity_type.properties:
        element = ElementTree.SubElement(found, "Property", _property_attributes(each))
        _add_description(element, each.description)
    _add_description(found, entity_type.description)


def _property_attributes(each: Property) -> dict[str, str]:
    attributes = {"Name": each.name, "Type": each.edm}
    if not each.nullable:
        attributes["Nullable"] = "false"
    if each.edm == DECIMAL:
        attributes |= {"Precision": _PRECISION, "Scale": str(each.scale)}
    return attributes


def _add_description(element: ElementTree.Element, text: str) -> None:
    ElementTree.SubElement(element, "Annotation", Term=f"{_CORE}.Description", String=text)
