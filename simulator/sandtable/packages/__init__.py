"""Parts of an instance as files: update sets, record exports, application folders and packages, read and installed.

`contents` says what a file or folder is and hands out its records, `order` puts them in an order that works,
`installing` puts them into an instance, and `report` tells what was taken, what was left, and why. The shapes are
those of the platform's own exports; source: ServiceNow documentation (update sets, source control), and public files
of each kind.
"""
