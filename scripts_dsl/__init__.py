"""The script language: text to checked program to pure machine."""
