"""Reads sheets as people have them, for agent and registry alike: bytes in, rows and cells out. Pure.

`foreign.py` knows what is no sheet, `csv_text.py` and `workbook.py` read bytes into rows of cells (`extent.py`: what is
held before calamine, `package.py`: what calamine leaves out), `headings.py` finds what each column is, `dates.py`,
`readings.py` and `spoiled.py` read a cell or say what a spreadsheet made of it, `columns.py` has the columns,
`row_values.py` reads a row by them.
"""
