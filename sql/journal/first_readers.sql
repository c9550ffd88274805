do $$
begin
    perform wingman.open_reader('statistics', 'journal');
    perform wingman.open_reader('inbox', 'journal');
    perform wingman.open_reader('reputations', 'ledger');
    perform wingman.open_reader('leaderboard', 'ledger');
    perform wingman.open_reader('achievements', 'ledger');
end
$$;
