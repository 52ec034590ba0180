"""How every form of the product is drawn, and the fields that the apps share."""
