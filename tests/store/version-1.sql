-- The first schema. {sequence} stands for a key that counts up.

CREATE TABLE schema_version (
    version INTEGER NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE runs (
    seq {sequence},
    id TEXT NOT NULL UNIQUE,
    recipe_hash TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    name TEXT NOT NULL,
    recipe TEXT NOT NULL,
    seed BIGINT NOT NULL,
    code_version TEXT NOT NULL,
    prompts TEXT NOT NULL,
    personas TEXT NOT NULL,
    created_at TEXT
);

CREATE TABLE owners (
    run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id),
    token TEXT NOT NULL,
    host TEXT NOT NULL,
    machine TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started TEXT,
    heartbeat FLOAT NOT NULL
);

CREATE TABLE snippets (
    id TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL,
    title TEXT,
    source TEXT,
    license TEXT,
    topic TEXT,
    external_id TEXT,
    metadata TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE personas (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    background TEXT NOT NULL,
    knowledge TEXT NOT NULL,
    goals TEXT NOT NULL,
    traits TEXT NOT NULL,
    behaviours TEXT NOT NULL,
    opening_styles TEXT NOT NULL,
    never TEXT NOT NULL,
    language TEXT NOT NULL,
    weight FLOAT NOT NULL
);

CREATE TABLE plans (
    run_id TEXT NOT NULL REFERENCES runs (id),
    id TEXT NOT NULL,
    snippet_id TEXT NOT NULL REFERENCES snippets (id),
    persona_id TEXT NOT NULL REFERENCES personas (id),
    kind TEXT NOT NULL,
    difficulty FLOAT NOT NULL,
    exchanges TEXT NOT NULL,
    PRIMARY KEY (run_id, id)
);

CREATE TABLE dialogues (
    position {sequence},
    run_id TEXT NOT NULL REFERENCES runs (id),
    id TEXT NOT NULL,
    snippet_id TEXT NOT NULL REFERENCES snippets (id),
    persona_id TEXT NOT NULL REFERENCES personas (id),
    plan_id TEXT,
    tip_id TEXT,
    outcome TEXT NOT NULL,
    reason TEXT,
    stop_reason TEXT,
    seed BIGINT NOT NULL,
    attempt INTEGER NOT NULL,
    claimed_by TEXT,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (run_id, id),
    FOREIGN KEY (run_id, plan_id) REFERENCES plans (run_id, id)
);

CREATE TABLE turns (
    seq {sequence},
    run_id TEXT NOT NULL,
    id TEXT NOT NULL,
    dialogue_id TEXT NOT NULL,
    parent_id TEXT NOT NULL,
    speaker TEXT NOT NULL,
    text TEXT NOT NULL,
    thought TEXT,
    spans TEXT NOT NULL,
    declined BOOLEAN NOT NULL,
    call_id TEXT,
    attempt INTEGER NOT NULL,
    train_weight FLOAT NOT NULL,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (run_id, id),
    FOREIGN KEY (run_id, dialogue_id) REFERENCES dialogues (run_id, id)
);

CREATE TABLE reviews (
    seq {sequence},
    run_id TEXT NOT NULL,
    id TEXT NOT NULL,
    dialogue_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    scores TEXT NOT NULL,
    verdict TEXT NOT NULL,
    label TEXT,
    rationale TEXT NOT NULL,
    call_id TEXT,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (run_id, id),
    FOREIGN KEY (run_id, dialogue_id) REFERENCES dialogues (run_id, id)
);

CREATE TABLE calls (
    seq {sequence},
    run_id TEXT NOT NULL,
    id TEXT NOT NULL,
    dialogue_id TEXT NOT NULL,
    place TEXT NOT NULL,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    messages TEXT NOT NULL,
    reply TEXT,
    thought TEXT,
    stop TEXT,
    tokens_in INTEGER,
    tokens_out INTEGER,
    cost_usd FLOAT,
    latency_s FLOAT NOT NULL,
    attempts INTEGER NOT NULL,
    cause TEXT,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (run_id, id),
    FOREIGN KEY (run_id, dialogue_id) REFERENCES dialogues (run_id, id)
);

CREATE TABLE messages (
    id TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    content TEXT NOT NULL
);

INSERT INTO schema_version (version, description) VALUES (1, 'all tables');
