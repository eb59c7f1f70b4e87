"""The domain: each noun a package of service, schemas and errors. Meets integration in contracts only."""
