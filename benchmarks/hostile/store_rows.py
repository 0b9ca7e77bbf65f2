"""What a stranger's store may hold, as SQL that puts it there."""

#: Damage that every reader has to tell.
TOLD = {
    "a turn that is its own parent": "UPDATE turns SET parent_id = id WHERE seq = 1",
    "two turns that follow each other": (
        "UPDATE turns SET parent_id = (SELECT id FROM turns WHERE seq = 2) WHERE seq = 1"
    ),
    "the last turn before the first": (
        "UPDATE turns SET parent_id = (SELECT tip_id FROM dialogues d WHERE d.id = dialogue_id) "
        "WHERE parent_id = dialogue_id"
    ),
    "a turn after none": "UPDATE turns SET parent_id = 'turn1_none' WHERE seq = 2",
    "a turn after one of another dialogue": (
        "UPDATE turns SET parent_id = (SELECT id FROM turns ORDER BY seq DESC LIMIT 1) "
        "WHERE seq = 1"
    ),
    "a last turn that isn't there": "UPDATE dialogues SET tip_id = 'turn1_none'",
    "a last turn of another dialogue": (
        "UPDATE dialogues SET tip_id = (SELECT max(tip_id) FROM dialogues) "
        "WHERE tip_id <> (SELECT max(tip_id) FROM dialogues)"
    ),
    "a reworded turn": "UPDATE turns SET text = 'Something else.' WHERE seq = 1",
    "a reworded snippet": "UPDATE snippets SET text = 'Something else.'",
    "snippets that are gone": "DELETE FROM snippets",
    "personas that are gone": "DELETE FROM personas",
    "plans that are gone": "DELETE FROM plans",
    "messages that are gone": "DELETE FROM messages",
    "a million turns in a dialogue": (
        "INSERT INTO turns (run_id, id, dialogue_id, parent_id, speaker, text, spans, declined, "
        "attempt, train_weight, created_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
        "i + 1 FROM n WHERE i < 1000000) SELECT run_id, 'turn1_' || i, id, id, 'answerer', 'No.', "
        "'[]', 0, i, 1.0, '' FROM n, (SELECT run_id, id FROM dialogues LIMIT 1)"
    ),
    "a text of 500 MB": (
        "UPDATE turns SET text = replace(hex(zeroblob(250000000)), '0', 'a') WHERE seq = 1"
    ),
    "personas whose names have 4 MB": "UPDATE personas SET name = hex(zeroblob(2000000))",
    "titles of 10 MB": "UPDATE snippets SET title = hex(zeroblob(5000000))",
    "a run whose name has 10 MB": "UPDATE runs SET name = hex(zeroblob(5000000))",
    "a thought of 40 MB in each turn": "UPDATE turns SET thought = hex(zeroblob(20000000))",
    "quotes of 10^7 lists": (
        "UPDATE turns SET spans = '[' || replace(hex(zeroblob(5000000)), '0', '[],') || '[]]'"
    ),
    "a recipe of 90 MB": ("UPDATE runs SET recipe = replace(hex(zeroblob(45000000)), '0', '[')"),
    "a recipe that isn't JSON": "UPDATE runs SET recipe = '{'",
    "a recipe that is a list": "UPDATE runs SET recipe = '[]'",
    "a recipe nested 100,000 deep": (
        "UPDATE runs SET recipe = replace(hex(zeroblob(50000)), '0', '[')"
    ),
    "a concurrency of a billion": (
        "UPDATE runs SET recipe = json_set(recipe, '$.limits.concurrency', 1000000000)"
    ),
    "text that isn't UTF-8": "UPDATE turns SET text = CAST(x'c328' AS TEXT) WHERE seq = 1",
    "bytes for text": "UPDATE turns SET text = x'00ff' WHERE seq = 1",
    "a text that is NULL": "UPDATE turns SET text = NULL WHERE seq = 1",
    "spans that are NULL": "UPDATE turns SET spans = NULL WHERE seq = 1",
    "spans nested 100,000 deep": (
        "UPDATE turns SET spans = replace(hex(zeroblob(50000)), '0', '[') WHERE seq = 1"
    ),
    "a speaker nobody knows": "UPDATE turns SET speaker = 'ghost' WHERE seq = 1",
    "an outcome nobody knows": "UPDATE dialogues SET outcome = 'eaten'",
    "an outcome that is NULL": "UPDATE dialogues SET outcome = NULL",
    "an attempt of 2^62": "UPDATE turns SET attempt = 4611686018427387904 WHERE seq = 1",
    "a difficulty that is text": "UPDATE plans SET difficulty = 'hard'",
    "scores that aren't numbers": 'UPDATE reviews SET scores = \'{"grounded": "NaN!"}\'',
    "ids of messages that are numbers": "UPDATE calls SET messages = '[1, null, {}]'",
    "messages that are NULL": "UPDATE calls SET messages = NULL",
    "a table that is gone": "DROP TABLE reviews",
    "a column that is gone": "ALTER TABLE turns DROP COLUMN thought",
    "a newer schema": "UPDATE schema_version SET version_num = '9999'",
    "a schema of no number": "UPDATE schema_version SET version_num = 'x'",
    "a trigger on what is written": (
        "CREATE TRIGGER t AFTER INSERT ON heartbeats BEGIN DELETE FROM turns; END"
    ),
    "a view for a table": (
        "ALTER TABLE turns RENAME TO real_turns; CREATE VIEW turns AS WITH RECURSIVE n(i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT real_turns.* FROM n, real_turns"
    ),
    "a virtual table for a table": (
        "ALTER TABLE turns RENAME TO real_turns; CREATE VIRTUAL TABLE turns USING fts5(text)"
    ),
}
#: What may be told or passed over, but breaks nothing.
BORNE = {
    "reasons of 40 MB": (
        "UPDATE dialogues SET outcome = 'failed', reason = hex(zeroblob(20000000)) || position "
        "WHERE position < 5"
    ),
    "tokens beyond any": "UPDATE calls SET tokens_in = 4611686018427387904",
    "costs without end": "UPDATE calls SET cost_usd = 9e999",
    "costs that are text": "UPDATE calls SET cost_usd = 'free', tokens_out = 'many'",
    "attempts that overflow": "UPDATE calls SET attempts = 9223372036854775807",
    "latencies that are text": "UPDATE calls SET latency_s = 'long'",
    "an owner of bytes": (
        "INSERT INTO owners VALUES ((SELECT id FROM runs), x'00', x'ff', x'ff', 'x', x'ff', 'x', 7)"
    ),
    "a heartbeat that is no mapping": (
        "INSERT INTO heartbeats VALUES ((SELECT id FROM runs), 'x', 9e999, '[1]')"
    ),
    "a budget of text": "INSERT INTO budgets VALUES ((SELECT id FROM runs), 'x', 'y', x'00')",
    "batches of nonsense": (
        "INSERT INTO batches VALUES ((SELECT id FROM runs), 'b', x'00', NULL, 'x', 'y', 'z')"
    ),
    "a run begun in bytes": "UPDATE runs SET created_at = x'ff00'",
    "a run begun without end": "UPDATE runs SET created_at = hex(zeroblob(9999))",
    "a view of the user's own": "CREATE VIEW mine AS SELECT * FROM turns",
    "a table of the user's own": "CREATE TABLE mine (x)",
    "a column of the user's own": "ALTER TABLE turns ADD COLUMN mine TEXT",
}
