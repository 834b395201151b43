"""What the company has written down: knowledge articles, published over the year."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from sandtable.demodata.company import Company
from sandtable.demodata.topics import ARTICLES

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance


def write_articles(instance: Instance, random: Random, today: datetime, company: Company, made: dict[str, int]) -> None:
    """Write and publish the articles."""
    system = instance.system()
    base = system.table("kb_knowledge_base").first("title=IT")
    categories = {record["label"]: record.sys_id for record in system.table("kb_category").query()}
    authors = company.members.get("Service Desk") or company.people
    for category, title, text in ARTICLES:
        published = today - timedelta(days=random.randrange(10, 360))
        system.table("kb_knowledge").insert(
            {
                "sys_id": f"{random.getrandbits(128):032x}",
                "short_description": title,
                "text": f"<p>{text}</p>",
                "kb_knowledge_base": base.sys_id if base is not None else "",
                "kb_category": categories.get(category, ""),
                "author": random.choice(authors).sys_id,
                "workflow_state": "published",
                "published": published.strftime("%Y-%m-%d"),
                "valid_to": "2100-01-01",
                "article_type": "text",
                "active": "true",
                "sys_view_count": str(random.randrange(5, 900)),
            }
        )
        made["kb_knowledge"] = made.get("kb_knowledge", 0) + 1
