"""Tables that development tools, sync tools and agents read and write are there and fit together."""

from __future__ import annotations

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance

COLUMNS = {
    "sys_update_set": "name,state,application,description,is_default,parent,release_date,completed_on",
    "sys_update_xml": "name,type,target_name,action,update_set,payload,category",
    "sys_remote_update_set": "name,state,update_set,commit_date",
    "sys_script_client": "name,table,type,ui_type,field,active,script",
    "catalog_script_client": "name,cat_item,type,script,applies_to",
    "catalog_ui_policy_action": "ui_policy,catalog_variable,mandatory,visible,disabled",
    "sys_ui_action": "name,table,action_name,active,script,condition,client,onclick",
    "sys_ui_page": "name,html,client_script,processing_script",
    "sysevent_email_action": "name,collection,event_name,subject,message_html,active",
    "wf_workflow": "name,table,description,active",
    "wf_activity": "name,workflow_version,activity_definition,x,y,input",
    "wf_context": "name,workflow_version,table,id,state,started,ended",
    "sys_hub_flow": "name,internal_name,type,status,active,latest_snapshot,master_snapshot,run_as",
    "sys_hub_trigger_instance": "flow,trigger_type,trigger_inputs",
    "sys_hub_action_instance_v2": "flow,action_type,values,order,ui_id,parent_ui_id",
    "sys_flow_context": "name,flow,state,source_table,source_record,started,ended",
    "sp_widget": "name,id,template,css,client_script,script,link,option_schema,demo_data",
    "sp_header_footer": "name,template,static",
    "sp_instance": "sp_widget,sp_column,order,active,widget_parameters",
    "m2m_sp_widget_dependency": "sp_widget,sp_dependency",
    "sys_rest_message_fn": "rest_message,function_name,http_method,rest_endpoint,content",
    "ecc_queue": "agent,topic,name,source,queue,state,payload,response_to",
    "sys_atf_test_suite_test": "test_suite,test,order",
    "sys_query_pattern": "count,window_start,window_end",
    "sc_multi_row_question_answer": "parent_id,parent_table_name,variable_set,row_index,value",
    "io_set_item": "sc_cat_item,variable_set,order",
    "rm_story": "number,epic,sprint,story_points,acceptance_criteria,product",
    "pm_project": "number,project_manager,phase,start_date,end_date,percent_complete",
    "cmdb_key_value": "configuration_item,key,value",
    "sys_object_source": "name,id,target_table,target_sys_id",
    "svc_ci_assoc": "service_id,ci_id",
}


@pytest.fixture(scope="module")
def instance() -> Instance:
    return create_instance(random_seed=1)


@pytest.mark.assumed("dictionaries of stock instances as clients that read these columns rely on them")
@pytest.mark.parametrize("table", COLUMNS)
def test_columns(instance: Instance, table: str) -> None:
    assert set(COLUMNS[table].split(",")) - set(instance.dictionary.columns(table)) == set()


@pytest.mark.documented("ServiceNow docs, update sets: a new one is in progress and belongs to an application")
def test_an_update_set_begins_in_progress(instance: Instance) -> None:
    sets = instance.acting_as("admin").table("sys_update_set")
    made = sets.insert({"name": "Release 7"})
    assert (made["state"], made["application"]) == ("in progress", "global")
    default = sets.first("is_default=true^application=global")
    assert default is not None
    assert default["name"] == "Default"


@pytest.mark.documented("ServiceNow docs, Agile Development and Project Management: the records are tasks with numbers")
@pytest.mark.parametrize("table, prefix", [("rm_story", "STRY"), ("rm_epic", "EPIC"), ("pm_project", "PRJ")])
def test_planned_work_is_numbered(instance: Instance, table: str, prefix: str) -> None:
    made = instance.acting_as("admin").table(table).insert({"short_description": "planned"})
    assert made["number"].startswith(prefix)
    assert made["sys_class_name"] == table


@pytest.mark.ours("tables that administrators work on are closed to people without a role")
@pytest.mark.parametrize("table", ["sys_update_xml", "sys_script_client", "ecc_queue", "sys_hub_flow"])
def test_only_administrators_read_them(instance: Instance, table: str) -> None:
    nobody = instance.system().table("sys_user").insert({"user_name": f"nobody.{table}", "active": "true"})
    access = instance.access
    assert access.can(instance.acting_as("admin"), "read", table)
    assert not access.can(instance.acting_as(nobody), "read", table)
