"""Applications of a store: what they bring, their coming and going, their REST resources; catalog, CMDB, jobs.

It hands out `Application`, `Catalogue`, `Resource` and `run_due_jobs`.
"""
