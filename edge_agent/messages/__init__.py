"""Every sentence an operator reads, Chinese and English in one row. Pure."""
