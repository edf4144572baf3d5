"""Brings what an association had on its former platform: firms, goods, certificates, and codes that are on paper."""
