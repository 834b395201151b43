"""Ten lines of pytest: the fixture `servicenow` is an instance that is as new for each test."""

import pytest
from incident_client import IncidentClient
from requests import HTTPError


def test_opens_an_incident(servicenow):
    number = IncidentClient(servicenow.url, *servicenow.admin).open("disk full", urgency=1)
    incident = servicenow.table("incident").first(f"number={number}")
    assert (incident["short_description"], incident["urgency"]) == ("disk full", "1")


@pytest.mark.servicenow(faults="hibernating")
def test_notices_that_the_instance_sleeps(servicenow):
    with pytest.raises((HTTPError, ValueError)):
        IncidentClient(servicenow.url, *servicenow.admin).open("disk full")
