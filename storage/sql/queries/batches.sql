-- name: insert_batch
INSERT INTO batch (id, name, sheet, header_row, members, rejected, created_at)
VALUES ($1, $2, $3, $4, $5, $6, coalesce($7::timestamptz, clock_timestamp()))
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: insert_source
INSERT INTO source_file (batch_id, name, sha256, content) VALUES ($1, $2, $3, $4);

-- name: find_batch
SELECT b.*, s.name AS source_name, s.sha256
FROM batch b JOIN source_file s ON s.batch_id = b.id
WHERE b.name = $1;

-- name: batches
SELECT b.*, s.name AS source_name, s.sha256
FROM batch b JOIN source_file s ON s.batch_id = b.id
ORDER BY b.created_at DESC, b.id DESC;

-- name: fields
SELECT batch_id, key, title, sheet_column, kind
FROM batch_field
WHERE batch_id = ANY ($1::uuid[])
ORDER BY batch_id, position;

-- name: rejected_rows
SELECT row_no, cells, problems FROM rejected_row WHERE batch_id = $1 ORDER BY row_no, position;

-- name: source_file
SELECT name, sha256, content FROM source_file WHERE batch_id = $1;

-- name: count_members
SELECT count(*) FROM list_member m WHERE m.batch_id = $1 AND {condition};
