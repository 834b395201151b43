"""Stack Management in a browser: connectors, their forms and tests, rules and their alerts."""

from sandtable_connector.pages.pages import Pages
from sandtable_connector.pages.screen import Page
from sandtable_connector.pages.workbench import Workbench

__all__ = ["Page", "Pages", "Workbench"]
