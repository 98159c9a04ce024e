"""A SQL warehouse on one machine: the Statement Execution API's side of reading, over the stack's engine."""
