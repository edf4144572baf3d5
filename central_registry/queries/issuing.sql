-- Statements of central_registry/issuing, distribution and agents: keys, orders, leases, what is sent, the fleet.

-- name: quota_key^
SELECT quota_key, firm, lot_no, style_no, gtins FROM quota_key WHERE quota_key = :quota_key;

-- name: keys_of_goods
SELECT quota_key FROM quota_key
WHERE firm = :firm AND lot_no IS NOT DISTINCT FROM :lot_no AND (lot_no IS NOT NULL OR style_no = :style_no)
ORDER BY minted_at, quota_key;

-- name: mint_key$
-- No row if that name is taken.
INSERT INTO quota_key (quota_key, firm, lot_no, style_no, gtins, minted_at)
VALUES (:quota_key, :firm, :lot_no, :style_no, :gtins, :at) ON CONFLICT (quota_key) DO NOTHING RETURNING quota_key;

-- name: code_of_party$
SELECT code FROM party_code WHERE party = :party ORDER BY code LIMIT 1;

-- name: gtins_of_style
SELECT gtin FROM trade_item WHERE firm = :firm AND style_no = :style_no ORDER BY gtin;
