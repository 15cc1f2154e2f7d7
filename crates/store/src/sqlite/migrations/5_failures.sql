-- Failures are few, and lists of functions tell how many there were: they are added up from this index alone.
CREATE INDEX minutes_by_failures ON minutes (function, minute, function_errors, system_errors)
    WHERE function_errors > 0 OR system_errors > 0;
