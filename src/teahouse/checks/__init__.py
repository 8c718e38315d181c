"""The doctor: names what is wrong with a project's set-up, where, why, and the line to write.

It reads any Django project, with Teahouse in it or without. A new check is a function in ``rules/``: that is all.
"""
