"""The commands of `./ops`. Python's standard library, the AWS CLI, and SAM for deployments; nothing else."""
