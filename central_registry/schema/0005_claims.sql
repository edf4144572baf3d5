-- What an agent claims that the registry lost is believed only with a receipt that the registry sealed. Claims that stood
-- before showed none: nobody waits for them once their agent is in contact.
ALTER TABLE agent ADD COLUMN claim_proven BOOLEAN NOT NULL DEFAULT false;
