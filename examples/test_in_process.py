"""Without a server: calls that requests and httpx make to the instance are answered in this process."""

from incident_client import IncidentClient

from sandtable import mock_servicenow


def test_opens_an_incident_without_a_socket():
    with mock_servicenow("https://acme.service-now.com") as servicenow:
        IncidentClient("https://acme.service-now.com", *servicenow.admin).open("disk full")
        servicenow.verify(method="POST", table="incident", body={"short_description": "disk full"}, exactly=1)
