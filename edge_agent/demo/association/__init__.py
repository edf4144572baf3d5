"""The association's demonstration: parties, people, certificates, orders, labels of two firms, and what is caught."""
