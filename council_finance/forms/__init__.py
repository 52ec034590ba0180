"""The renderer of every form of the product, and the fields that the apps share."""
