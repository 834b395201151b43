"""The dictionary: which tables and columns there are, from data files and records, and how rows are laid out.

It hands out `Dictionary`, `Table`, `Column` and `Choice`, families of tables read from JSON (`dictionary_data`), the
forms in which values are stored (`stored_values`), and the SQL tables behind it all (`PhysicalSchema`).
"""
