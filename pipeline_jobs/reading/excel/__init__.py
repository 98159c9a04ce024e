"""A workbook's first sheet (Office Open XML, ECMA-376), read as a stream: no part of it is held but its texts."""
