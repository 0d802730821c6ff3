-- A bulk change that an MCP client asks for belongs to no conversation of ours.

alter table confirmations alter column thread_id drop not null;
