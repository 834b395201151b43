"""What Kibana's forms do beside the connector: choices to show, the check from the browser, the guided update."""
