"""The valve's arithmetic on Redis, each script one step for all who ask at once."""

# Numbers go in and out as text with 17 digits, which is every bit of a double: Lua's own would keep 14.
TAKE = """
local now = tonumber(ARGV[2])
if not now then
  local told = redis.call('TIME')
  now = tonumber(told[1]) + tonumber(told[2]) / 1000000
end
local answered = redis.call('GET', KEYS[4])
if answered then return {answered} end
local snapshot = redis.call('HMGET', KEYS[1], 'rate', 'burst', 'floor_rate', 'returning_rate', 'as_of')
local rate, burst, as_of = tonumber(snapshot[1]), tonumber(snapshot[2]), tonumber(snapshot[5])
if not as_of or now - as_of > tonumber(ARGV[3]) then return {} end
local kept = redis.call('HMGET', KEYS[2], 'tokens', 'floor', 'returning', 'at')
local tokens, floor, returning, at = tonumber(kept[1]), tonumber(kept[2]), tonumber(kept[3]), tonumber(kept[4])
if not at then tokens, floor, returning, at = burst, burst, burst, now end
local idle
for number in string.gmatch(redis.call('HGET', KEYS[3], ARGV[5]) or '', '%d+') do
  if not idle and tonumber(redis.call('HGET', KEYS[3], number)) > 0 then idle = number end
end
now = math.max(now, at)
local passed = now - at
tokens = math.min(burst, tokens + rate * passed)
floor = math.min(burst, floor + tonumber(snapshot[3]) * passed)
returning = math.min(burst, returning + tonumber(snapshot[4]) * passed)

local put, admitted, rule = ARGV[1], false, ''
if idle then admitted, rule = true, 'idle'
elseif put == 'exempt' then admitted, rule = true, 'exempt'
elseif put == 'returning' then admitted, rule = returning >= 1, 'returning'
elseif put == 'kept' then rule = 'sticky'
elseif floor >= 1 then admitted, rule = true, 'floor'
elseif put == 'essential' then rule = 'mode'
elseif tokens < 1 then rule = 'bucket'
elseif put == 'capped' then rule = 'wait_cap'
else admitted, rule = true, 'bucket' end

if admitted then
  local lowest = -burst
  if rule == 'idle' or rule == 'bucket' then lowest = 0 end
  tokens = math.min(tokens, math.max(tokens - 1, lowest))
  if put ~= 'exempt' and put ~= 'returning' then floor = math.max(floor - 1, 0) end
  if rule == 'returning' then returning = returning - 1 end
  if rule == 'idle' then redis.call('HINCRBY', KEYS[3], idle, -1) end
end
local function told(number) return string.format('%.17g', number) end
redis.call('HSET', KEYS[2], 'tokens', told(tokens), 'floor', told(floor), 'returning', told(returning), 'at', told(now))
redis.call('HINCRBY', KEYS[2], 'asked', 1)
if not admitted then redis.call('HINCRBY', KEYS[2], 'refused:' .. rule, 1) end
redis.call('EXPIRE', KEYS[2], 86400)
local answer = (admitted and '1' or '0') .. ' ' .. rule .. ' ' .. told(tokens) .. ' shared'
redis.call('SET', KEYS[4], answer, 'EX', ARGV[4])
return {answer, snapshot[1], snapshot[2], snapshot[3], snapshot[4]}
"""
# What a process said by itself while the leader was silent: whoever said it first, all say the same.
KEEP = """
local answered = redis.call('GET', KEYS[1])
if not answered then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
return answered or ARGV[1]
"""
# A leader that was overtaken writes nothing: its epoch is older than the one that is kept. Of who is idle: by number,
# how many may serve the same; by line, the numbers that may serve it, in the order in which they are used up. Each
# campaign's snapshot is as long as the first one's, names and values in turn.
WRITE = """
local now = tonumber(ARGV[2])
if not now then
  local told = redis.call('TIME')
  now = tonumber(told[1]) + tonumber(told[2]) / 1000000
end
if tonumber(redis.call('GET', KEYS[1]) or '0') > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
if ARGV[4] ~= '' then redis.call('SET', KEYS[3], ARGV[4]) end
local width, first = tonumber(ARGV[3]), 5
for n = 4, #KEYS do
  redis.call('HSET', KEYS[n], 'as_of', string.format('%.17g', now), unpack(ARGV, first, first + width - 1))
  first = first + width
end
for n = first, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[n], ARGV[n + 1]) end
return 1
"""
