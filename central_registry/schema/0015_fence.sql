-- What row-level security asks (central_registry/fence): for whom the transaction works, and whose rows those are. The
-- service says so by SET LOCAL; without that word nobody's rows are there. What looks through the fence to find where it
-- stands belongs to the owner (SECURITY DEFINER) and tells nothing but names of parties and agents.

CREATE FUNCTION fence_party() RETURNS text LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('registry.party', true), '') $$;

CREATE FUNCTION fence_person() RETURNS text LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('registry.person', true), '') $$;

-- At the door it is found out who somebody is: a session, a log-in.
CREATE FUNCTION fence_at_door() RETURNS boolean LANGUAGE sql STABLE
AS $$ SELECT coalesce(current_setting('registry.kind', true), '') = 'door' $$;

CREATE FUNCTION fence_kind() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT kind FROM party WHERE party = fence_party() $$;

-- The operator sees everything and changes nothing of theirs.
CREATE FUNCTION fence_sees_all() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT coalesce(fence_kind() = 'operator', false) $$;

-- The asker's own party, and: of an association those it ever admitted and what was here before firms were; of an
-- inspector those that an association admitted to which it belongs; of the operator the associations that it makes.
CREATE FUNCTION fence_parties() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT array_agg(mine.party) FROM (
        SELECT fence_party() AS party
        UNION SELECT party FROM membership WHERE association = fence_party() AND fence_kind() = 'association'
        UNION SELECT 'unassigned' WHERE fence_kind() = 'association'
        UNION SELECT other.party FROM membership own JOIN membership other USING (association)
            WHERE own.party = fence_party() AND fence_kind() = 'inspector'
        UNION SELECT party FROM party WHERE kind = 'association' AND fence_kind() = 'operator'
    ) AS mine
$$;

-- Whose goods they may look at: a lab those of the firms that its associations admitted, to file what it found.
CREATE FUNCTION fence_goods() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT CASE fence_kind() WHEN 'lab' THEN (
        SELECT array_agg(other.party) FROM membership own JOIN membership other USING (association)
        WHERE own.party = fence_party()
    ) ELSE fence_parties() END
$$;

-- Agents that are theirs, or that their association vouches for.
CREATE FUNCTION fence_own_agents() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT array_agg(agent) FROM agent
    WHERE owner = ANY ((SELECT fence_parties())::text[]) OR association = fence_party()
$$;

-- These, and the agents that print for them.
CREATE FUNCTION fence_agents() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT array_agg(theirs.agent) FROM (
        SELECT unnest(fence_own_agents()) AS agent
        UNION SELECT agent FROM agent_firm WHERE firm = ANY ((SELECT fence_parties())::text[])
    ) AS theirs
$$;
