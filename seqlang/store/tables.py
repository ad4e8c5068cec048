"""The fixed tables. Instants are BIGINT microseconds UTC, dates INTEGER proleptic ordinals: one meaning on both databases.

Tables of records (contact, account, deal, declared ones, and `colleague` for users) have columns that `apply` extends; they are
built from the catalogue by `store.records_schema` and are not in this file.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from seqlang.store.columns import TABLES, Id, Word, Words, key_of_sets

metadata = TABLES

meta = Table(
    "meta", metadata,
    Column("key", Word, primary_key=True),  # "last_tick_at", "project_zone", "catalogue" (JSON of vocabulary Catalogue), …
    Column("value", Words, nullable=False),
)

plan = Table(
    "plan", metadata,
    Column("hash", String(64), primary_key=True),
    Column("body", Words, nullable=False),  # canonical JSON of plan.model.FlowPlan
    Column("created_at", BigInteger, nullable=False),
)

content = Table(
    "content", metadata,
    Column("hash", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

view = Table(
    "view", metadata,
    Column("name", Word, primary_key=True),
    Column("record", Word, nullable=False),
    Column("condition", Words, nullable=False),  # JSON of plan.conditions.Condition
)

flow = Table(
    "flow", metadata,
    Column("id", Id, primary_key=True),
    Column("name", Word, nullable=False, unique=True),
    Column("kind", Word, nullable=False),
    Column("record", Word, nullable=False, server_default="contact"),  # the plan's `subject`: what is enrolled
    Column("zone", Word, nullable=False, server_default="UTC"),  # the plan's: what the timeline shows instants in
    Column("state", Word, nullable=False, server_default="draft"),
    Column("plan_hash", String(64), ForeignKey("plan.hash"), nullable=False),
    Column("position", Integer, nullable=False, server_default="0"),  # order of the project's files
    Column("owner", Word),  # e-mail address, lower case
    Column("exclusive", Boolean, nullable=False, server_default=text("false")),
    Column("started_at", BigInteger),
    Column("stopped_at", BigInteger),
    Column("archived_at", BigInteger),
    Column("run_last_at", BigInteger),  # planned instant of the last run that was done
    Column("run_next_at", BigInteger),  # the next scheduled instant; null: no runs, or not active
    Column("looked_at", BigInteger),  # up to when events and changes have been looked at (journeys, workflows)
    Column("looked_pass", BigInteger),  # journeys, workflows: events and changes up to this pass are looked at; null: none yet
    Column("looked_ledger_id", Id),  # … and the timeline up to this line
    Column("looked_plan_hash", String(64)),  # … by this plan: another one looks at everything anew
    Column("plan_next_hash", String(64)),  # applied, takes effect at the next run
    Column("edited_at", BigInteger),  # sequences: the planned instant at which an edit took effect last
    CheckConstraint("state in ('draft', 'active', 'stopped', 'archived')", name="state"),
    Index("ix_flow_due", "state", "run_next_at"),
)

node = Table(  # stable numbers of a flow's nodes; a declared rename (`moved`) changes the key and keeps the number
    "node", metadata,
    Column("id", Id, primary_key=True),
    Column("flow_id", Id, ForeignKey("flow.id"), nullable=False),
    Column("key", Word, nullable=False),
    Column("added_at", BigInteger),  # the run at which an edit added it to a flow under way; null: there from the start
    UniqueConstraint("flow_id", "key"),
)

# SQLite takes a partial index only where the query says the index's own words: truths are written `active = 1` there.
enrolment = Table(  # narrow: one stay of one record in one flow
    "enrolment", metadata,
    Column("id", Id, primary_key=True),
    Column("flow_id", Id, nullable=False),
    Column("record_id", Id, nullable=False),  # of the flow's subject table; survives the record's deletion
    Column("contact_id", Id),  # the contact it is about; null for accounts
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("entered_at", BigInteger, nullable=False),  # planned instant of the run or event
    Column("entry_on", Integer, nullable=False),  # its local date in the flow's zone: day 1
    Column("node_id", Id),  # journeys: where it is; sequences: free for the engine
    Column("due_at", BigInteger),  # when something falls due next; null: nothing by time alone
    Column("due_on", Integer),  # sequences: the date of the day that is being done
    Column("anchor_at", BigInteger),  # the planned instant from which durations count
    Column("wait_end_at", BigInteger),  # end of a wait (deadline); apart from due_at when put off
    Column("waiting", Word),  # null, "limit", "window", "pace", "held": why it is put off
    Column("plan_hash", String(64)),  # pinned (cadences); null: the flow's
    Column("cause_event_id", Id),  # the event that brought it in
    Column("by_hand", Boolean, nullable=False, server_default=text("false")),  # by hand or another flow: `admit` counts it not
    Column("many", Boolean, nullable=False, server_default=text("false")),  # a workflow's run: several of one record at one time
    # 0 while it lasts; null, which never equals, when it is over, and for runs of a workflow.
    Column("stay", Integer, Computed("case when active and not many then 0 end")),
    Column("false_seen", Integer, nullable=False, server_default="0"),  # bits of the `enter when` that were false since it left
    Column("exited_at", BigInteger),
    Column("exit_reason", Word),
    Column("exit_goal", Word),
    Index("ix_enrolment_flow_due", "flow_id", "due_at", sqlite_where=text("active = 1"), postgresql_where=text("active")),
    Index("ix_enrolment_contact", "contact_id"),
    # Nobody is in the same flow twice at one time. It also finds all stays of a record in a flow: an index of their own would
    # cost every admission a tenth of its time.
    Index("uq_enrolment_stay", "flow_id", "record_id", "stay", unique=True),
    key_of_sets("flow_id", "flow.id"),
    postgresql_with={"fillfactor": 50},  # the next version of a row finds room beside it: every step writes one
)

pinned = Table(  # a cadence's placeholders, fixed when the contact came in
    "pinned", metadata,
    Column("enrolment_id", Id, primary_key=True),
    Column("body", Words, nullable=False),  # JSON: dotted path -> value
    key_of_sets("enrolment_id", "enrolment.id"),
)

STILL_OPEN = "state = 'planned' or state = 'sending' or state = 'retry'"

ledger = Table(  # the timeline, and in it each effect once
    "ledger", metadata,
    Column("id", Id, primary_key=True),  # the order in which things happened
    Column("at", BigInteger, nullable=False),  # planned instant
    Column("enrolment_id", Id, nullable=False),
    Column("flow_id", Id, nullable=False),
    Column("record_id", Id, nullable=False),
    Column("contact_id", Id),
    Column("what", Word, nullable=False),  # entered executed skipped deferred held failed branched exited
    Column("node_id", Id),  # of a step, statement, branch or split
    Column("step", Word),  # what the timeline shows where it is not the node's key: "if", "tag", the split's name, a goal's
    Column("channel", Word),
    Column("why", Word),
    # The columns of an effect (what = executed, by a channel):
    Column("effect", Word),  # message draft todo call_out; null: no effect of a channel, a statement. `sent` asks it
    Column("counts", Word),  # what limits and pace count it by ("email", "message"); "place": what `admit at most` counts
    Column("occurrence", Integer),  # 0; a released draft's message 1; null: a line that is no effect (deferred, held, …)
    Column("state", Word),  # planned sending accepted rejected retry unknown cancelled; null: nothing to deliver
    Column("ready_at", BigInteger),  # not before (retry)
    Column("lease_until", BigInteger),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("plan_hash", String(64)),  # the plan that it is rendered by
    Column("todo_due_at", BigInteger),  # of a to-do: overdue after it
    Column("error", Words),
    # Each effect once; lines that are no effect have no occurrence, and empty ones never equal. It also finds the lines of
    # an enrolment.
    Index("uq_ledger_effect", "enrolment_id", "node_id", "occurrence", unique=True),
    # Not IN: SQLite looks each line up in a list of three, which took a quarter of the time that a message's line takes.
    Index("ix_ledger_open", "state", "node_id", "id", sqlite_where=text(STILL_OPEN), postgresql_where=text(STILL_OPEN)),
    # A contact's lines are found by its enrolments; an index of their own, or of a flow's lines, would make each line dearer.
    Index("ix_ledger_todo_due", "todo_due_at", sqlite_where=text("todo_due_at is not null"),
          postgresql_where=text("todo_due_at is not null")),
    Index("ix_ledger_counted", "flow_id", "at", sqlite_where=(counted := text("counts is not null")), postgresql_where=counted),
)

message = Table(  # what a channel was given and said; written by dispatch
    "message", metadata,
    Column("ledger_id", Id, ForeignKey("ledger.id"), primary_key=True),
    Column("message_id", Word),  # RFC 5322 Message-ID, with its brackets; or the provider's
    Column("thread_id", Word),  # Message-ID of the thread's first message
    Column("references", Words),
    Column("recipient", Word),
    Column("mailbox", Word),
    Column("subject", Words),
    Column("sent_at", BigInteger),
    Column("detail", Words),  # the server's answer
    Index("ix_message_message_id", "message_id"),
    Index("ix_message_mailbox_sent", "mailbox", "sent_at"),
    # Texts that come back name a number alone; numbers begin with a plus, and e-mail addresses need not pay for them.
    Index("ix_message_number", "recipient", sqlite_where=text("recipient like '+%'"),
          postgresql_where=text("recipient like '+%'")),
)

todo = Table(  # calls, tasks, drafts: made by dispatch from the ledger, done by people
    "todo", metadata,
    Column("id", Id, primary_key=True),
    Column("ledger_id", Id, ForeignKey("ledger.id"), nullable=False, unique=True),
    Column("kind", Word, nullable=False),  # the channel's word; "email_reminder" for drafts
    Column("title", Words, nullable=False),
    Column("body", Words),  # script, notes; a draft's text
    Column("subject", Words),  # a draft's
    Column("assignee", Word),  # e-mail address
    Column("outcomes", Words, nullable=False, server_default="[]"),  # JSON list
    Column("state", Word, nullable=False, server_default="open"),  # open done cancelled
    Column("outcome", Word),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("done_at", BigInteger),
    Column("note", Words),  # what the person who reported it wrote down
    Index("ix_todo_state_assignee", "state", "assignee"),
)

event = Table(  # append-only: what happened, as told
    "event", metadata,
    Column("id", Id, primary_key=True),  # the order of arrival
    Column("at", BigInteger, nullable=False),  # when it happened
    Column("recorded_at", BigInteger, nullable=False),  # when it was told
    # opened clicked replied bounced unsubscribed completed released event activity changed deleted
    Column("kind", Word, nullable=False),
    Column("record", Word, nullable=False, server_default="contact"),
    Column("record_id", Id, nullable=False),
    Column("contact_id", Id),
    Column("flow_id", Id),
    Column("enrolment_id", Id),
    Column("node_id", Id),
    Column("ledger_id", Id),
    Column("name", Word),  # of `event`: its name; of `changed`: the field; of `completed`: the outcome; of `clicked`: the link
    Column("value", Words),  # of `changed`: the new value as text; of `activity`: its name; of out of office: the return date
    Column("properties", Words),  # JSON object
    Column("machine", Boolean, nullable=False, server_default=text("false")),
    Column("soft", Boolean, nullable=False, server_default=text("false")),
    Column("out_of_office", Boolean, nullable=False, server_default=text("false")),
    Column("taken_at", BigInteger),  # the tick that took it in; null: not yet
    Column("tick_pass", BigInteger),  # the pass that took it in: what flows have not looked at yet
    Column("external_id", Word, unique=True),  # the teller's own name for it: twice told is once
    Index("ix_event_waiting", "at", sqlite_where=text("taken_at is null"), postgresql_where=text("taken_at is null")),
    Index("ix_event_pass", "tick_pass"),
    Index("ix_event_enrolment_kind", "enrolment_id", "kind"),
    Index("ix_event_contact_kind_name", "contact_id", "kind", "name", "at"),
    Index("ix_event_record", "record", "record_id", "kind"),
    Index("ix_event_ledger", "ledger_id"),
)

change = Table(  # what changed in records: wakes journeys and workflows
    "change", metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("record", Word, nullable=False),
    Column("record_id", Id, nullable=False),
    Column("contact_id", Id),  # whose conditions it may turn; null: look at all
    Column("what", Word, nullable=False),  # created updated entered exited outcome overdue tag list
    Column("field", Word),  # of updated: the field; of entered/exited: the flow's name; of outcome: the outcome
    Column("value", Words),  # of updated: the new value as text, as `event.value` has it
    Column("flow_id", Id),  # the flow whose statement did it: its own changes trigger nothing there
    Column("tick_pass", BigInteger),  # which pass wrote it (engine)
    Column("taken", Boolean, nullable=False, server_default=text("false")),
    Index("ix_change_pass", "tick_pass"),
    Index("ix_change_open", "id", sqlite_where=text("taken = 0"), postgresql_where=text("not taken")),
    Index("ix_change_record", "record", "record_id"),
)

former = Table(  # what a field was before a change, a tag or list before it came or went; written by triggers (store/formers.py)
    "former", metadata,
    Column("id", Id, primary_key=True), Column("line_id", Id, nullable=False),  # the newest line of the timeline when it changed
    Column("record", Word, nullable=False), Column("record_id", Id, nullable=False),
    Column("what", Word, nullable=False), Column("name", Word, nullable=False),  # field, tag, list; its column, name, number
    Column("value", Words),  # a column's value as text; of a tag or list 1, null where it was not there
    Index("ix_former_record", "record_id", "record"),
)

request = Table(  # enrolments (and removals) by hand, and by other flows, until the flow's next run or pass takes them
    "request", metadata,
    Column("id", Id, primary_key=True),
    Column("flow_id", Id, nullable=False),
    Column("record_id", Id, nullable=False),
    Column("what", Word, nullable=False),  # enroll unenroll
    Column("at", BigInteger, nullable=False),
    Column("from_flow_id", Id),  # `move to` between exclusive flows; `enroll in`
    Column("moved", Boolean, nullable=False, server_default=text("false")),
    Column("taken_at", BigInteger),
    Index("ix_request_open", "flow_id", sqlite_where=text("taken_at is null"), postgresql_where=text("taken_at is null")),
    key_of_sets("flow_id", "flow.id"),
)

tag = Table(
    "tag", metadata,
    Column("record", Word, primary_key=True),
    Column("record_id", Id, primary_key=True),
    Column("tag", Word, primary_key=True),
    Index("ix_tag_tag", "tag"),
)

list_ = Table(
    "list", metadata,
    Column("id", Id, primary_key=True),
    Column("name", Word, nullable=False, unique=True),
    Column("record", Word, nullable=False),
)

list_member = Table(
    "list_member", metadata,
    Column("list_id", Id, primary_key=True), Column("record_id", Id, primary_key=True),
    Column("added_at", BigInteger, nullable=False),
    key_of_sets("list_id", "list.id"),
)

suppression = Table(  # addresses, not people: a corrected address works again
    "suppression", metadata,
    Column("address", Word, primary_key=True),  # lower case
    Column("reason", Word, nullable=False),  # bounced, complaint
    Column("at", BigInteger, nullable=False),
)

side = Table(  # a split's side, for ever
    "side", metadata,
    Column("flow_id", Id, primary_key=True), Column("node_id", Id, primary_key=True),
    Column("record_id", Id, primary_key=True),
    Column("side", Word, nullable=False),
)

split = Table(  # the first arrival at a split, and its winner
    "split", metadata,
    Column("flow_id", Id, primary_key=True), Column("node_id", Id, primary_key=True),
    Column("first_at", BigInteger, nullable=False),
    Column("settle_at", BigInteger),
    Column("winner", Word),
)

turn = Table(  # round robin: how many turns were taken
    "turn", metadata,
    Column("flow_id", Id, primary_key=True), Column("node_id", Id, primary_key=True),
    Column("taken", BigInteger, nullable=False, server_default="0"),
)

mailbox = Table(  # what dispatch knows of a mailbox
    "mailbox", metadata,
    Column("name", Word, primary_key=True),  # "email:ana@example.com", "email:default"
    Column("state", Word, nullable=False, server_default="open"),  # open, stopped
    Column("reason", Words),
    Column("retry_at", BigInteger),
    Column("allowance", Float), Column("allowance_at", BigInteger),  # rate: what is left
)

source = Table(  # how far a source of records from elsewhere has been read; written in one transaction with its records
    "source", metadata,
    Column("name", Word, primary_key=True),  # of [sources.NAME]
    Column("mark", Words),  # the source's own: a file's fingerprint, the highest value of a column; null: nothing read yet
    Column("asked", Word),  # the hash of the settings that the mark belongs to: others read everything anew
    Column("read_at", BigInteger),  # when it was read last
    Column("due_at", BigInteger),  # not before
    Column("rows", BigInteger, nullable=False, server_default="0"),  # all that were taken
    Column("problem", Words),  # why it could not be read last; null: it could
)

inbox = Table(  # how far a mailbox has been read; written together with the events that its mail became
    "inbox", metadata,
    Column("account", Word, primary_key=True), Column("folder", Word, primary_key=True),  # "ana@imap.example.com:993", "INBOX"
    Column("uidvalidity", BigInteger),  # another one: the server has numbered its mail anew
    Column("last_uid", BigInteger, nullable=False, server_default="0"),  # the highest that was taken in
    Column("received_at", BigInteger), Column("read_at", BigInteger),  # when the latest mail came; when it was read last
    Column("problem", Words),  # why it cannot be read at present
)

tick = Table(  # a tick that was planned; ON CONFLICT DO NOTHING is the only election of a leader
    "tick", metadata,
    Column("at", BigInteger, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
)

quarantine = Table(  # a row that failed, set aside with its reason
    "quarantine", metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("flow_id", Id),
    Column("enrolment_id", Id),
    Column("what", Word, nullable=False),
    Column("reason", Words, nullable=False),
)

gone = Table(  # a deleted record's name, so that the timeline can still say who it was
    "gone", metadata,
    Column("record", Word, primary_key=True),
    Column("record_id", Id, primary_key=True),
    Column("name", Word),  # the value of its key field
    Column("at", BigInteger, nullable=False),
    Column("into_id", Id),  # the record that it was merged into
)
