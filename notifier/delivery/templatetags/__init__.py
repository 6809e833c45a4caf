"""Filters for the templates of mails."""
