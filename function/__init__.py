"""The Cloud Function: from a finalized object to a file in the queue of a job."""
