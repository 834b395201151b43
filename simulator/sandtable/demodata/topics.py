"""What goes wrong in a company, and who deals with it: the words that incidents, problems and changes are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of trouble: how it is classified, and its stories: how people describe it, and how it ended.

    `{ci}` in a text stands for a configuration item, `{place}` for a location. `items` are classes of configuration
    items that it may concern; `weight` says how common it is.
    """

    category: str
    subcategory: str
    group: str
    weight: int
    stories: tuple[tuple[str, str], ...]
    items: tuple[str, ...] = ()


TOPICS: tuple[Topic, ...] = (
    Topic(
        "inquiry",
        "email",
        "Service Desk",
        14,
        (
            ("Cannot send mail from my phone", "Account set up again on the phone"),
            ("Mailbox is full", "Archive switched on"),
            ("Shared mailbox is missing", "Permission on the mailbox restored"),
            ("Calendar shows old meetings", "Calendar synchronised anew"),
        ),
        ("cmdb_ci_service",),
    ),
    Topic(
        "inquiry",
        "internal application",
        "Service Desk",
        12,
        (
            ("How do I book a room in {place}?", "Explained on the phone"),
            ("Expense form does not save", "Works again after signing in anew"),
            ("Password reset needed", "Password reset"),
            ("Account is locked", "Account unlocked"),
        ),
    ),
    Topic(
        "inquiry",
        "antivirus",
        "Service Desk",
        4,
        (
            ("Virus scanner reports an old signature", "Signatures updated"),
            ("Strange pop-up after opening a document", "Device scanned, nothing found"),
        ),
        ("cmdb_ci_computer",),
    ),
    Topic(
        "software",
        "os",
        "Software",
        10,
        (
            ("Laptop restarts by itself after the update", "Update removed and installed again"),
            ("Blue screen in the morning", "Driver of the dock replaced"),
            ("Update of {ci} hangs at 60 %", "Disk cleaned up, update repeated"),
        ),
        ("cmdb_ci_computer",),
    ),
    Topic(
        "software",
        "email",
        "Software",
        6,
        (
            ("Mail client does not start", "Profile made anew"),
            ("Search in the mail client finds nothing", "Index rebuilt"),
            ("Signature is lost at every start", "Add-in switched off"),
        ),
    ),
    Topic(
        "hardware",
        "monitor",
        "Hardware",
        6,
        (
            ("Screen stays black", "Cable replaced"),
            ("Second screen is not found in the dock", "Dock updated"),
            ("Screen flickers in {place}", "Screen exchanged"),
        ),
        ("cmdb_ci_computer",),
    ),
    Topic(
        "hardware",
        "disk",
        "Hardware",
        5,
        (
            ("Disk of {ci} is nearly full", "Old files moved to the archive"),
            ("Clicking noise from {ci}", "Disk exchanged, data restored"),
            ("File system of {ci} is read-only", "File system repaired"),
        ),
        ("cmdb_ci_computer", "cmdb_ci_linux_server", "cmdb_ci_win_server"),
    ),
    Topic(
        "hardware",
        "memory",
        "Hardware",
        4,
        (
            ("{ci} runs out of memory", "Leaking service restarted"),
            ("{ci} is slow when many work on it", "Memory extended"),
        ),
        ("cmdb_ci_linux_server", "cmdb_ci_win_server", "cmdb_ci_computer"),
    ),
    Topic(
        "hardware",
        "cpu",
        "Hardware",
        5,
        (
            ("CPU of {ci} above 95 % for ten minutes", "Runaway process stopped"),
            ("{ci} answers late", "Load spread over two hosts"),
            ("Fan of {ci} runs all the time", "Fan cleaned"),
        ),
        ("cmdb_ci_linux_server", "cmdb_ci_win_server"),
    ),
    Topic(
        "network",
        "vpn",
        "Network",
        9,
        (
            ("VPN disconnects every few minutes", "Client updated"),
            ("No VPN from the hotel", "Profile with another port handed out"),
            ("VPN client asks for the code twice", "Token registered again"),
        ),
        ("cmdb_ci_ip_firewall",),
    ),
    Topic(
        "network",
        "wireless",
        "Network",
        7,
        (
            ("No wireless in the meeting room, {place}", "Access point restarted"),
            ("Wireless is slow on the second floor", "Channel changed"),
            ("Wireless drops behind {ci}", "Cable to the access point exchanged"),
        ),
        ("cmdb_ci_ip_switch", "cmdb_ci_ip_router"),
    ),
    Topic(
        "network",
        "dns",
        "Network",
        4,
        (
            ("Name of {ci} does not resolve", "Record corrected"),
            ("Intranet cannot be found from {place}", "Resolver restarted"),
        ),
        ("cmdb_ci_linux_server",),
    ),
    Topic(
        "database",
        "oracle",
        "Database",
        4,
        (
            ("Sessions on {ci} are used up", "Idle sessions ended and limit raised"),
            ("Nightly job on {ci} did not finish", "Job started again after a lock"),
            ("Tablespace of {ci} is full", "Tablespace extended"),
        ),
        ("cmdb_ci_db_ora_instance",),
    ),
    Topic(
        "database",
        "sql server",
        "Database",
        3,
        (
            ("Report takes an hour instead of a minute", "Index rebuilt"),
            ("Backup of {ci} failed", "Backup repeated to another disk"),
        ),
        ("cmdb_ci_db_postgresql_instance",),
    ),
)

CALLER_COMMENTS = (
    "It still happens, and I have a deadline today.",
    "Tried it again after a restart, no change.",
    "Thank you, it looks better now.",
    "A colleague next to me sees the same.",
    "I am in the office until four.",
)
AGENT_COMMENTS = (
    "We are looking into it.",
    "Please restart and try once more.",
    "Could you send a screenshot?",
    "It should work again, please check.",
)
WORK_NOTES = (
    "Seen in the log, occurs every few minutes.",
    "Compared with another device: same version, no fault there.",
    "Asked the vendor.",
    "Reproduced on a test machine.",
    "Waiting for the maintenance window.",
    "Handed over with all details.",
)
CHANGES = (
    "Update the operating system of {ci}",
    "Replace the certificate of {ci}",
    "Extend the disk of {ci}",
    "Move {ci} to the new rack",
    "Change the firewall rules for {ci}",
    "Raise the memory of {ci}",
    "Restart {ci} in the maintenance window",
    "Switch {ci} to the new backup",
)
ARTICLES: tuple[tuple[str, str, str], ...] = (
    (
        "Network",
        "How to connect to the VPN",
        "Start the client, choose the nearest site, sign in, confirm on the phone.",
    ),
    ("Network", "Wireless for guests", "Ask the reception for a code; it is good for one day and one device."),
    (
        "Network",
        "What to do when a name does not resolve",
        "Disconnect the VPN, wait a moment, connect again; else call.",
    ),
    ("Email", "Set up mail on a phone", "Install the company portal first, then add the account it offers."),
    ("Email", "Archive old mail", "Mark a folder, choose Archive; what is older than a year moves over night."),
    ("Email", "Open a shared mailbox", "Add it under account settings, restart the client, wait for the index."),
    ("Devices", "Exchange a broken screen", "Note the number on its back, open an incident, bring it to the desk."),
    ("Devices", "Docking station does not wake up", "Unplug it for ten seconds, then plug in power before the laptop."),
    ("Devices", "Order a laptop", "Use the catalog; a standard laptop arrives within five days."),
    ("Devices", "Return a device", "Delete nothing, hand it over at the desk, keep the receipt."),
    ("Email", "Recognise a phishing mail", "Look at the address, not at the name; report it with the button."),
    ("Network", "Reach a test system from home", "Ask its owner for access; the VPN profile called Lab is needed."),
)
