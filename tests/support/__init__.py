"""What tests of several layers share: a real PostgreSQL, people and teams, the parts of a hub."""
