\set id random(1, 100000)
update bench.floor set n = n + 1 where id = :id;
