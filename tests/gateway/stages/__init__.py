"""The stages of a session, each beside a real service that is only its surface."""
