"""What others ask and tell: marketplaces, warehouses, and whoever speaks GS1's languages."""
