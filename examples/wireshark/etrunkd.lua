-- Wireshark's view of etrunkd's own formats: Smart Link Flush, E-Trunk hello and RBS (src/formats). None is the vendor's.
--
--   wireshark -X lua_script:etrunkd.lua          or copy it into the folder of personal Lua plugins
--
-- The hello's UDP port is 1025; another one is set under Preferences, Protocols, ETRUNKD.HELLO. RBS is found by its first message on any TCP
-- port that no other protocol claims; another port is set under Preferences, Protocols, ETRUNKD.RBS.

local SAFE_INTEGER = UInt64.new(0xffffffff, 0x1fffff) -- 2^53 - 1

local function last_of(extractor)
  local values = { extractor() }
  return values[#values]
end

-- An epoch, in microseconds since 1970, as text; 0 is no epoch.
local function time_of(epoch)
  if epoch == UInt64.new(0) then return "none" end
  if epoch > SAFE_INTEGER then return "above 2^53 - 1" end
  return os.date("!%Y-%m-%d %H:%M:%S UTC", math.floor(epoch:tonumber() / 1000000))
end

local function add_epoch(tree, field, range, objection)
  local item = tree:add(field, range):append_text(" (" .. time_of(range:uint64()) .. ")")
  if range:uint64() > SAFE_INTEGER then item:add_proto_expert_info(objection) end
end

-- Smart-Link Flush -----------------------------------------------------------------------------------------------------

local flush = Proto("etrunkd.flush", "Smart-Link Flush (etrunkd)")

local FLUSH_DESTINATION = ByteArray.new("01 0f e2 00 00 04")
local FLUSH_LENGTH = 568
local FLUSH_TYPES = { [1] = "Delete MAC, ARP and ND entries" }
local FLUSH_MODES = { [0] = "none", [1] = "simple", [2] = "sha", [3] = "hmac-sha256" }

local f = {
  type = ProtoField.uint8("etrunkd.flush.type", "Control type", base.HEX, FLUSH_TYPES),
  version = ProtoField.uint8("etrunkd.flush.version", "Control version", base.HEX),
  device = ProtoField.ether("etrunkd.flush.device_id", "Device ID"),
  vlan = ProtoField.uint16("etrunkd.flush.control_vlan", "Control VLAN ID"),
  mode = ProtoField.uint8("etrunkd.flush.auth_mode", "Authentication mode", base.DEC, FLUSH_MODES),
  reserved = ProtoField.uint8("etrunkd.flush.reserved", "Reserved", base.HEX),
  epoch = ProtoField.uint64("etrunkd.flush.epoch", "Epoch"),
  sequence = ProtoField.uint32("etrunkd.flush.sequence", "Sequence"),
  password = ProtoField.bytes("etrunkd.flush.password", "Password field"),
  bitmap = ProtoField.bytes("etrunkd.flush.vlan_bitmap", "VLAN bitmap"),
  vlans = ProtoField.string("etrunkd.flush.vlans", "VLANs"),
}
flush.fields = f

local flush_fault = {
  length = ProtoExpert.new("etrunkd.flush.fault.length", "Not 568 octets after SNAP", expert.group.MALFORMED, expert.severity.ERROR),
  type = ProtoExpert.new("etrunkd.flush.fault.type", "Unknown control type", expert.group.PROTOCOL, expert.severity.ERROR),
  version = ProtoExpert.new("etrunkd.flush.fault.version", "Unknown control version", expert.group.PROTOCOL, expert.severity.ERROR),
  vlan = ProtoExpert.new("etrunkd.flush.fault.control_vlan", "Control VLAN not in 1-4094", expert.group.PROTOCOL, expert.severity.ERROR),
  tag = ProtoExpert.new("etrunkd.flush.fault.tag", "Tag and control VLAN differ", expert.group.PROTOCOL, expert.severity.ERROR),
  mode = ProtoExpert.new("etrunkd.flush.fault.auth_mode", "Unknown authentication mode", expert.group.PROTOCOL, expert.severity.ERROR),
  number = ProtoExpert.new("etrunkd.flush.fault.epoch", "Epoch above 2^53 - 1", expert.group.PROTOCOL, expert.severity.ERROR),
  bitmap = ProtoExpert.new("etrunkd.flush.fault.vlan_bitmap", "Bit 0 or 4095 set", expert.group.PROTOCOL, expert.severity.WARN),
}
flush.experts = flush_fault

local tag_of_frame = Field.new("vlan.id")
local destination_of_frame = Field.new("eth.dst")

-- The VLANs of a bitmap as "1-10,20", and whether a bit is set that stands for no VLAN.
local function vlans_of(octets)
  local ranges, first = {}, nil
  local function is_set(vlan)
    return vlan < 4096 and math.floor(octets:get_index(math.floor(vlan / 8)) / 2 ^ (7 - vlan % 8)) % 2 == 1
  end
  for vlan = 1, 4095 do
    local on = vlan < 4095 and is_set(vlan)
    if on and not first then first = vlan end
    if first and not on then
      ranges[#ranges + 1] = first == vlan - 1 and tostring(first) or first .. "-" .. vlan - 1
      first = nil
    end
  end
  return #ranges > 0 and table.concat(ranges, ",") or "none", is_set(0) or is_set(4095)
end

function flush.dissector(tvb, pinfo, root)
  local destination = destination_of_frame()
  if not destination or destination.range:bytes() ~= FLUSH_DESTINATION then return 0 end
  pinfo.cols.protocol = "FLUSH"
  local tree = root:add(flush, tvb())
  if tvb:len() ~= FLUSH_LENGTH then tree:add_proto_expert_info(flush_fault.length, tvb:len() .. " octets after SNAP instead of 568") end
  if tvb:len() < FLUSH_LENGTH then
    pinfo.cols.info = "Flush cut short"
    return tvb:len()
  end

  local item = tree:add(f.type, tvb(0, 1))
  if tvb(0, 1):uint() ~= 1 then item:add_proto_expert_info(flush_fault.type) end
  item = tree:add(f.version, tvb(1, 1))
  if tvb(1, 1):uint() ~= 0 then item:add_proto_expert_info(flush_fault.version) end
  tree:add(f.device, tvb(2, 6))

  local vlan = tvb(8, 2):uint()
  item = tree:add(f.vlan, tvb(8, 2))
  if vlan < 1 or vlan > 4094 then item:add_proto_expert_info(flush_fault.vlan) end
  local tag = last_of(tag_of_frame)
  if tag and tag.value ~= vlan then
    item:add_proto_expert_info(flush_fault.tag, "Tag " .. tag.value .. " and control VLAN " .. vlan .. " differ")
  end

  local mode = tvb(10, 1):uint()
  item = tree:add(f.mode, tvb(10, 1))
  if not FLUSH_MODES[mode] then item:add_proto_expert_info(flush_fault.mode) end
  tree:add(f.reserved, tvb(11, 1))
  add_epoch(tree, f.epoch, tvb(12, 8), flush_fault.number)
  tree:add(f.sequence, tvb(20, 4))
  item = tree:add(f.password, tvb(24, 32))
  if FLUSH_MODES[mode] then
    item:append_text(({ [0] = " (unused)", " (a password, readable)", " (SHA2-256 of the password)", " (HMAC-SHA256)" })[mode])
  end

  item = tree:add(f.bitmap, tvb(56, 512))
  local vlans, stray = vlans_of(tvb(56, 512):bytes())
  tree:add(f.vlans, tvb(56, 512), vlans):set_generated()
  if stray then item:add_proto_expert_info(flush_fault.bitmap) end
  pinfo.cols.info = "Flush of VLANs " .. vlans .. ", control VLAN " .. vlan .. ", sequence " .. tvb(20, 4):uint()
  return FLUSH_LENGTH
end

-- Wireshark looks up the protocol behind SNAP with OUI 00-00-00 in its table of EtherTypes.
DissectorTable.get("ethertype"):add(0x88b5, flush)

-- E-Trunk hello --------------------------------------------------------------------------------------------------------

local hello = Proto("etrunkd.hello", "E-Trunk hello (etrunkd)")
hello.prefs.port = Pref.uint("UDP port", 1025, "The port of `e-trunk` hellos")

local FIXED_LENGTH = 40
local LONGEST_HELLO = 4096
local MEMBER_LENGTH = 28
local STATES = { "Init", "Backup", "Master" }
local REASONS = { "PRI", "TIMEOUT", "BFD_DOWN", "PEER_TIMEOUT", "PEER_BFD_DOWN", "ALL_MEMBER_DOWN", "INIT", "PEER_NODE_DOWN" }
local SELECT_MODES = { [0] = "default", [1] = "link-number", [2] = "bandwidth" }
local TLVS = { [1] = "Member", [2] = "Software", [3] = "Echo", [0xffff] = "Authentication" }
local MEMBER_TYPES = { [1] = "Eth-Trunk", [2] = "Global-VE" }
local WORK_MODES = { [0] = "auto", [1] = "force-master", [2] = "force-backup" }
local MEMBER_STATES = { "Backup", "Master", "Negotiation" }
local MEMBER_REASONS = {
  "FORCE_BACKUP", "FORCE_MASTER", "ETRUNK_INIT", "ETRUNK_BACKUP", "ETRUNK_MASTER", "PEER_MEMBER_DOWN", "PEER_MEMBER_UP",
  "ACTIVE_ACTIVE", "DEGRADED_ACTIVE", "PEERLINK_DOWN", "LINK_DOWN", "ALL_ACTIVE", "PEER_BANDWIDTH_LARGE",
  "LOCAL_BANDWIDTH_LARGE",
}
local DIGESTS = { [1] = "hmac-sha1", [2] = "hmac-sha256", [3] = "enhanced-hmac-sha256" }
local DIGEST_LENGTHS = { [1] = 20, [2] = 32, [3] = 32 }

local h = {
  version = ProtoField.uint8("etrunkd.hello.version", "Version"),
  flags = ProtoField.uint8("etrunkd.hello.flags", "Flags", base.HEX),
  sequence_check = ProtoField.bool("etrunkd.hello.flags.sequence_check", "Sequence check on", 8, nil, 0x01),
  revert = ProtoField.bool("etrunkd.hello.flags.revert", "Revert enabled", 8, nil, 0x02),
  bfd_tracked = ProtoField.bool("etrunkd.hello.flags.bfd_tracked", "BFD session tracked", 8, nil, 0x04),
  leaving = ProtoField.bool("etrunkd.hello.flags.leaving", "Leaving", 8, nil, 0x08),
  higher_first = ProtoField.bool("etrunkd.hello.flags.higher_first", "Higher priority value wins", 8, nil, 0x10),
  hearing = ProtoField.bool("etrunkd.hello.flags.hearing_you", "Hearing you", 8, nil, 0x20),
  bfd_up = ProtoField.bool("etrunkd.hello.flags.bfd_up", "BFD session up", 8, nil, 0x40),
  length = ProtoField.uint16("etrunkd.hello.length", "Length"),
  etrunk = ProtoField.uint16("etrunkd.hello.etrunk_id", "E-Trunk ID"),
  state = ProtoField.uint8("etrunkd.hello.state", "State", base.DEC, STATES),
  reason = ProtoField.uint8("etrunkd.hello.reason", "Reason", base.DEC, REASONS),
  priority = ProtoField.uint8("etrunkd.hello.priority", "Priority"),
  select_mode = ProtoField.uint8("etrunkd.hello.select_mode", "Select mode", base.DEC, SELECT_MODES),
  fail_time = ProtoField.uint16("etrunkd.hello.fail_time", "Fail time (100 ms)"),
  system = ProtoField.ether("etrunkd.hello.system_id", "System ID"),
  revert_delay = ProtoField.uint16("etrunkd.hello.revert_delay", "Revert delay (s)"),
  epoch = ProtoField.uint64("etrunkd.hello.epoch", "Epoch"),
  sequence = ProtoField.uint32("etrunkd.hello.sequence", "Sequence"),
  peer_epoch = ProtoField.uint64("etrunkd.hello.peer_epoch", "Peer epoch"),
  tlv_type = ProtoField.uint16("etrunkd.hello.tlv.type", "TLV type", base.DEC, TLVS),
  tlv_length = ProtoField.uint16("etrunkd.hello.tlv.length", "TLV length"),
  tlv_value = ProtoField.bytes("etrunkd.hello.tlv.value", "TLV value"),
  member_type = ProtoField.uint8("etrunkd.hello.member.type", "Type", base.DEC, MEMBER_TYPES),
  work_mode = ProtoField.uint8("etrunkd.hello.member.work_mode", "Work mode", base.DEC, WORK_MODES),
  member_state = ProtoField.uint8("etrunkd.hello.member.state", "Member state", base.DEC, MEMBER_STATES),
  member_reason = ProtoField.uint8("etrunkd.hello.member.reason", "Member reason", base.DEC, MEMBER_REASONS),
  local_id = ProtoField.uint16("etrunkd.hello.member.local_id", "Local ID"),
  remote_id = ProtoField.uint16("etrunkd.hello.member.remote_id", "Remote ID"),
  member_flags = ProtoField.uint16("etrunkd.hello.member.flags", "Member flags", base.HEX),
  up = ProtoField.bool("etrunkd.hello.member.flags.up", "Up", 16, nil, 0x0001),
  ready = ProtoField.bool("etrunkd.hello.member.flags.ready", "Ready", 16, nil, 0x0002),
  offset = ProtoField.bool("etrunkd.hello.member.flags.port_offset", "Port-number offset in use", 16, nil, 0x0004),
  settled = ProtoField.bool("etrunkd.hello.member.flags.settled", "LACP identity settled", 16, nil, 0x0008),
  links = ProtoField.uint16("etrunkd.hello.member.available_links", "Available links"),
  bandwidth = ProtoField.uint32("etrunkd.hello.member.available_bandwidth", "Available bandwidth (Mbit/s)"),
  lacp_priority = ProtoField.uint16("etrunkd.hello.member.lacp_system_priority", "LACP system priority"),
  lacp_system = ProtoField.ether("etrunkd.hello.member.lacp_system_id", "LACP system ID"),
  lacp_key = ProtoField.uint16("etrunkd.hello.member.lacp_key", "LACP key"),
  revert_remaining = ProtoField.uint16("etrunkd.hello.member.revert_remaining", "Revert delay still to run (s)"),
  software = ProtoField.string("etrunkd.hello.software", "Software", base.UNICODE),
  echo_epoch = ProtoField.uint64("etrunkd.hello.echo.epoch", "Echoed epoch"),
  echo_sequence = ProtoField.uint32("etrunkd.hello.echo.sequence", "Echoed sequence"),
  auth_mode = ProtoField.uint8("etrunkd.hello.auth.mode", "Authentication mode", base.DEC, DIGESTS),
  key_id = ProtoField.uint8("etrunkd.hello.auth.key_id", "Key ID"),
  auth_reserved = ProtoField.uint16("etrunkd.hello.auth.reserved", "Reserved", base.HEX),
  digest = ProtoField.bytes("etrunkd.hello.auth.digest", "Digest"),
}
hello.fields = h

local function fault(name, text)
  return ProtoExpert.new("etrunkd.hello.fault." .. name, text, expert.group.PROTOCOL, expert.severity.ERROR)
end
local hello_fault = {
  version = fault("version", "Unknown version"),
  length = fault("length", "Length is not that of the datagram"),
  etrunk = fault("etrunk_id", "E-Trunk ID not in 1-512"),
  state = fault("state", "State not in 1-3"),
  reason = fault("reason", "Reason not in 1-8"),
  priority = fault("priority", "Priority not in 1-254"),
  fail_time = fault("fail_time", "Fail time neither 0 nor in 15-30000"),
  number = fault("number", "Above 2^53 - 1"),
  tlv = fault("tlv", "TLV malformed"),
  unsigned = ProtoExpert.new("etrunkd.hello.fault.unsigned", "No authentication TLV", expert.group.SECURITY, expert.severity.ERROR),
}
hello.experts = hello_fault

-- Adds a number, with an expert item when it is outside of its range.
local function add_ranged(tree, field, range, first, last, objection)
  local item = tree:add(field, range)
  if range:uint() < first or range:uint() > last then item:add_proto_expert_info(objection) end
  return item
end

local function add_member(tree, value)
  if value:len() < MEMBER_LENGTH then
    tree:add_proto_expert_info(hello_fault.tlv, "Member of " .. value:len() .. " octets instead of 28")
    return
  end
  tree:add(h.member_type, value(0, 1))
  add_ranged(tree, h.work_mode, value(1, 1), 0, 2, hello_fault.tlv)
  add_ranged(tree, h.member_state, value(2, 1), 1, 3, hello_fault.tlv)
  add_ranged(tree, h.member_reason, value(3, 1), 1, 14, hello_fault.tlv)
  tree:add(h.local_id, value(4, 2))
  tree:add(h.remote_id, value(6, 2))
  local flags = tree:add(h.member_flags, value(8, 2))
  for _, field in ipairs({ h.up, h.ready, h.offset, h.settled }) do flags:add(field, value(8, 2)) end
  tree:add(h.links, value(10, 2))
  tree:add(h.bandwidth, value(12, 4))
  tree:add(h.lacp_priority, value(16, 2))
  tree:add(h.lacp_system, value(18, 6))
  tree:add(h.lacp_key, value(24, 2))
  tree:add(h.revert_remaining, value(26, 2))
  tree:append_text(", local " .. value(4, 2):uint() .. ", remote " .. value(6, 2):uint() .. ", " .. (value(8, 2):bitfield(15, 1) == 1 and "up" or "down"))
end

local function add_echoes(tree, value)
  for at = 0, value:len() - 12, 12 do
    tree:add(h.echo_epoch, value(at, 8))
    tree:add(h.echo_sequence, value(at + 8, 4))
  end
end

local function add_authentication(tree, value)
  if value:len() < 4 then
    tree:add_proto_expert_info(hello_fault.tlv, "Authentication of " .. value:len() .. " octets")
    return
  end
  local mode = value(0, 1):uint()
  local item = tree:add(h.auth_mode, value(0, 1))
  tree:add(h.key_id, value(1, 1))
  tree:add(h.auth_reserved, value(2, 2))
  if value:len() > 4 then tree:add(h.digest, value(4)) end
  if DIGEST_LENGTHS[mode] ~= value:len() - 4 then
    item:add_proto_expert_info(hello_fault.tlv, "Digest of " .. value:len() - 4 .. " octets does not fit mode " .. mode)
  end
end

-- Adds the TLVs of a hello; returns whether the last one is the authentication.
local function add_tlvs(tree, tvb)
  local at, signed = 0, false
  while at < tvb:len() do
    if signed or tvb:len() - at < 4 then
      tree:add_proto_expert_info(hello_fault.tlv, signed and "TLV after the authentication" or "TLV cut short")
      return signed
    end
    local type, length = tvb(at, 2):uint(), tvb(at + 2, 2):uint()
    local room = math.min(length, tvb:len() - at - 4)
    local item = tree:add(hello, tvb(at, 4 + room), (TLVS[type] or "Unknown TLV " .. type))
    item:add(h.tlv_type, tvb(at, 2))
    item:add(h.tlv_length, tvb(at + 2, 2))
    if room < length then
      item:add_proto_expert_info(hello_fault.tlv, "TLV of " .. length .. " octets where " .. room .. " are left")
      return signed
    end
    local value = tvb:range(at + 4, length)
    if type == 1 then add_member(item, value)
    elseif type == 2 then item:add(h.software, value(0, math.min(length, 64)))
    elseif type == 3 then add_echoes(item, value)
    elseif type == 0xffff then add_authentication(item, value)
    elseif length > 0 then item:add(h.tlv_value, value) end
    signed = type == 0xffff
    at = at + 4 + length
  end
  return signed
end

function hello.dissector(tvb, pinfo, root)
  pinfo.cols.protocol = "E-TRUNK"
  pinfo.cols.info = "E-Trunk hello"
  local tree = root:add(hello, tvb())
  if tvb:len() < 1 then return 0 end
  local item = tree:add(h.version, tvb(0, 1))
  if tvb(0, 1):uint() ~= 1 then
    item:add_proto_expert_info(hello_fault.version)
    return tvb:len()
  end
  if tvb:len() < FIXED_LENGTH then
    tree:add_proto_expert_info(hello_fault.length, tvb:len() .. " octets, at least 40 are needed")
    return tvb:len()
  end
  local flags = tree:add(h.flags, tvb(1, 1))
  for _, field in ipairs({ h.sequence_check, h.revert, h.bfd_tracked, h.leaving, h.higher_first, h.hearing, h.bfd_up }) do
    flags:add(field, tvb(1, 1))
  end
  item = tree:add(h.length, tvb(2, 2))
  if tvb(2, 2):uint() ~= tvb:reported_len() or tvb:reported_len() > LONGEST_HELLO then
    item:add_proto_expert_info(hello_fault.length)
  end
  add_ranged(tree, h.etrunk, tvb(4, 2), 1, 512, hello_fault.etrunk)
  add_ranged(tree, h.state, tvb(6, 1), 1, 3, hello_fault.state)
  add_ranged(tree, h.reason, tvb(7, 1), 1, 8, hello_fault.reason)
  add_ranged(tree, h.priority, tvb(8, 1), 1, 254, hello_fault.priority)
  tree:add(h.select_mode, tvb(9, 1))
  item = tree:add(h.fail_time, tvb(10, 2))
  local fail_time = tvb(10, 2):uint()
  if fail_time ~= 0 and (fail_time < 15 or fail_time > 30000) then item:add_proto_expert_info(hello_fault.fail_time) end
  tree:add(h.system, tvb(12, 6))
  tree:add(h.revert_delay, tvb(18, 2))
  add_epoch(tree, h.epoch, tvb(20, 8), hello_fault.number)
  tree:add(h.sequence, tvb(28, 4))
  add_epoch(tree, h.peer_epoch, tvb(32, 8), hello_fault.number)
  local signed = tvb:len() > FIXED_LENGTH and add_tlvs(tree, tvb(FIXED_LENGTH):tvb())
  if not signed then tree:add_proto_expert_info(hello_fault.unsigned) end
  pinfo.cols.info = "E-Trunk " .. tvb(4, 2):uint() .. " " .. (STATES[tvb(6, 1):uint()] or "?") .. ", "
    .. (REASONS[tvb(7, 1):uint()] or "?") .. ", priority " .. tvb(8, 1):uint() .. ", sequence " .. tvb(28, 4):uint()
  return tvb:len()
end

local udp_ports = DissectorTable.get("udp.port")
local port = hello.prefs.port
udp_ports:add(port, hello)
function hello.prefs_changed()
  if port == hello.prefs.port then return end
  udp_ports:remove(port, hello)
  port = hello.prefs.port
  udp_ports:add(port, hello)
end

-- RBS ------------------------------------------------------------------------------------------------------------------

local rbs = Proto("etrunkd.rbs", "Remote backup service (etrunkd)")
rbs.prefs.port = Pref.uint("TCP port", 0, "The port of a `remote-backup-service`; 0: only what begins with a message is found")

local RBS_MAGIC, RBS_HEADER, LONGEST_MESSAGE = 0x5242, 16, 65536
local MESSAGES = {
  "OPEN", "KEEPALIVE", "PROFILE-STATE", "BATCH-BEGIN", "ENTRIES", "BATCH-END", "ACK", "REFRESH", "DIGEST", "CLOSE", "RELAY",
}
local SERVICES = { [2] = "igmp-snooping", [5] = "arp", [21] = "igmp", [32] = "nd", [36] = "mld" }
local PROFILE_STATES = { [0] = "init", [1] = "slave", [2] = "master" }
local BACKUP_MODES = { "hot", "warm", "virtual" }
local REFRESH_REASONS = { "asked for", "digests differ", "cleared" }
local CLOSE_CODES = {
  "shut down", "version", "malformed", "silent for too long", "replaced", "configurations do not fit", "leaving",
}
local OPERATIONS = { "put", "delete" }
local FILTER_MODES = { "include", "exclude" }

local r = {
  magic = ProtoField.uint16("etrunkd.rbs.magic", "Magic", base.HEX),
  version = ProtoField.uint8("etrunkd.rbs.version", "Version"),
  type = ProtoField.uint8("etrunkd.rbs.type", "Type", base.DEC, MESSAGES),
  length = ProtoField.uint32("etrunkd.rbs.length", "Length"),
  sequence = ProtoField.uint64("etrunkd.rbs.sequence", "Sequence"),
  epoch = ProtoField.uint64("etrunkd.rbs.epoch", "Epoch"),
  keepalive = ProtoField.uint16("etrunkd.rbs.keepalive", "Keepalive (s)"),
  multiplier = ProtoField.uint8("etrunkd.rbs.multiplier", "Multiplier"),
  open_flags = ProtoField.uint8("etrunkd.rbs.open.flags", "Flags", base.HEX),
  goes_on = ProtoField.bool("etrunkd.rbs.open.flags.goes_on", "The list goes on", 8, nil, 0x01),
  profiles = ProtoField.uint16("etrunkd.rbs.profiles", "Profiles"),
  profile_length = ProtoField.uint16("etrunkd.rbs.profile.length", "Length of the profile"),
  backup_id = ProtoField.uint16("etrunkd.rbs.backup_id", "Backup-ID"),
  state = ProtoField.uint8("etrunkd.rbs.state", "State", base.DEC, PROFILE_STATES),
  mode = ProtoField.uint8("etrunkd.rbs.mode", "Mode", base.DEC, BACKUP_MODES),
  etrunk = ProtoField.uint16("etrunkd.rbs.etrunk", "E-Trunk"),
  trunk = ProtoField.uint16("etrunkd.rbs.eth_trunk", "Eth-Trunk"),
  remote_trunk = ProtoField.uint16("etrunkd.rbs.remote_eth_trunk", "Remote Eth-Trunk"),
  work_mode = ProtoField.uint8("etrunkd.rbs.work_mode", "Work mode", base.DEC, WORK_MODES),
  services = ProtoField.uint8("etrunkd.rbs.services", "Services"),
  service = ProtoField.uint8("etrunkd.rbs.service", "Service", base.DEC, SERVICES),
  acknowledged = ProtoField.uint64("etrunkd.rbs.acknowledged", "Acknowledged sequence"),
  generation = ProtoField.uint32("etrunkd.rbs.generation", "Generation"),
  entries = ProtoField.uint32("etrunkd.rbs.entries", "Entries"),
  entries_flags = ProtoField.uint8("etrunkd.rbs.entries.flags", "Flags", base.HEX),
  in_batch = ProtoField.bool("etrunkd.rbs.entries.flags.in_batch", "Part of a batch", 8, nil, 0x01),
  records = ProtoField.uint16("etrunkd.rbs.records", "Records"),
  digest = ProtoField.bytes("etrunkd.rbs.digest", "Table digest"),
  reason = ProtoField.uint8("etrunkd.rbs.refresh.reason", "Reason", base.DEC, REFRESH_REASONS),
  code = ProtoField.uint16("etrunkd.rbs.close.code", "Code", base.DEC, CLOSE_CODES),
  text = ProtoField.string("etrunkd.rbs.close.text", "Text", base.UNICODE),
  outer_vlan = ProtoField.uint16("etrunkd.rbs.outer_vlan", "Outer VLAN"),
  inner_vlan = ProtoField.uint16("etrunkd.rbs.inner_vlan", "Inner VLAN"),
  packet = ProtoField.bytes("etrunkd.rbs.relay.packet", "Packet"),
  operation = ProtoField.uint8("etrunkd.rbs.record.operation", "Operation", base.DEC, OPERATIONS),
  record_length = ProtoField.uint16("etrunkd.rbs.record.length", "Length of the record"),
  ipv4 = ProtoField.ipv4("etrunkd.rbs.record.ipv4", "IPv4 address"),
  ipv6 = ProtoField.ipv6("etrunkd.rbs.record.ipv6", "IPv6 address"),
  mac = ProtoField.ether("etrunkd.rbs.record.mac", "MAC address"),
  nd_flags = ProtoField.uint16("etrunkd.rbs.record.flags", "Flags", base.HEX),
  router = ProtoField.bool("etrunkd.rbs.record.flags.router", "Router", 16, nil, 0x0001),
  since_heard = ProtoField.uint32("etrunkd.rbs.record.since_heard", "Since heard (s)"),
  filter_mode = ProtoField.uint8("etrunkd.rbs.record.filter_mode", "Filter mode", base.DEC, FILTER_MODES),
  compatibility = ProtoField.uint8("etrunkd.rbs.record.compatibility", "Compatibility"),
  group4 = ProtoField.ipv4("etrunkd.rbs.record.group4", "Group"),
  group6 = ProtoField.ipv6("etrunkd.rbs.record.group6", "Group"),
  reporter4 = ProtoField.ipv4("etrunkd.rbs.record.reporter4", "Last reporter"),
  reporter6 = ProtoField.ipv6("etrunkd.rbs.record.reporter6", "Last reporter"),
  group_timer = ProtoField.uint32("etrunkd.rbs.record.group_timer", "Group timer (ms)"),
  host_timer = ProtoField.uint32("etrunkd.rbs.record.older_host_timer", "Older-host timer (ms)"),
  sources = ProtoField.uint16("etrunkd.rbs.record.sources", "Sources"),
  source_timer = ProtoField.uint32("etrunkd.rbs.record.source_timer", "Source timer (ms)"),
  attributes = ProtoField.bytes("etrunkd.rbs.record.attributes", "Attributes"),
  unknown = ProtoField.bytes("etrunkd.rbs.unknown", "Not known"),
}
rbs.fields = r

local function rbs_expert(name, text)
  return ProtoExpert.new("etrunkd.rbs.fault." .. name, text, expert.group.PROTOCOL, expert.severity.ERROR)
end
local rbs_fault = {
  magic = rbs_expert("magic", "A message does not begin with 0x5242"),
  version = rbs_expert("version", "Version is not 1"),
  length = rbs_expert("length", "Length not in 16-65536"),
  number = rbs_expert("number", "Above 2^53 - 1"),
  body = rbs_expert("body", "Body shorter than its fields and counts say"),
  value = rbs_expert("value", "Value out of its range"),
  record = rbs_expert("record", "Record cut short, or with a value out of its range"),
}

rbs.experts = rbs_fault

local function add_number(tree, field, range)
  local item = tree:add(field, range)
  if range:uint64() > SAFE_INTEGER then item:add_proto_expert_info(rbs_fault.number) end
end

local function add_id(tree, tvb) add_ranged(tree, r.backup_id, tvb(0, 2), 1, 4095, rbs_fault.value) end

-- Backup-ID and service, with which most bodies begin; returns the service in words.
local function add_of(tree, tvb)
  add_id(tree, tvb)
  tree:add(r.service, tvb(2, 1))
  return (SERVICES[tvb(2, 1):uint()] or "service " .. tvb(2, 1):uint())
end

local function add_attributes(tree, tvb, at)
  if at >= tvb:len() then return end
  local item = tree:add(r.attributes, tvb(at))
  while at < tvb:len() do
    at = at + 2 + (tvb:len() - at >= 2 and tvb(at + 1, 1):uint() or 0)
    if at > tvb:len() then item:add_proto_expert_info(rbs_fault.record) end
  end
end

local function add_profile(tree, tvb)
  tree:add(r.profile_length, tvb(0, 2))
  add_ranged(tree, r.backup_id, tvb(2, 2), 1, 4095, rbs_fault.value)
  add_ranged(tree, r.state, tvb(4, 1), 0, 2, rbs_fault.value)
  add_ranged(tree, r.mode, tvb(5, 1), 1, 3, rbs_fault.value)
  add_ranged(tree, r.etrunk, tvb(6, 2), 0, 512, rbs_fault.value)
  tree:add(r.trunk, tvb(8, 2))
  tree:add(r.remote_trunk, tvb(10, 2))
  add_ranged(tree, r.work_mode, tvb(12, 1), 0, 2, rbs_fault.value)
  tree:add(r.services, tvb(13, 1))
  for n = 1, tvb(13, 1):uint() do tree:add(r.service, tvb(13 + n, 1)) end
  tree:append_text(", Backup-ID " .. tvb(2, 2):uint() .. ", " .. (PROFILE_STATES[tvb(4, 1):uint()] or "?"))
end

local function add_open(tree, tvb)
  add_epoch(tree, r.epoch, tvb(0, 8), rbs_fault.number)
  add_ranged(tree, r.keepalive, tvb(8, 2), 1, 65535, rbs_fault.value)
  add_ranged(tree, r.multiplier, tvb(10, 1), 1, 255, rbs_fault.value)
  tree:add(r.open_flags, tvb(11, 1)):add(r.goes_on, tvb(11, 1))
  tree:add(r.profiles, tvb(12, 2))
  local at = 14
  for n = 1, tvb(12, 2):uint() do
    local left = tvb:len() - at
    local length = left >= 14 and tvb(at, 2):uint() or 0
    if left < 14 or length > left or length < 14 + tvb(at + 13, 1):uint() then
      tree:add_proto_expert_info(rbs_fault.body, "Profile " .. n .. " is cut short")
      break
    end
    add_profile(tree:add(rbs, tvb(at, length), "Profile"), tvb(at, length):tvb())
    at = at + length
  end
  return tvb(12, 2):uint() .. " profiles"
end

local function add_host(tree, tvb, width)
  local at = 8
  if width == 16 then tree:add(r.nd_flags, tvb(6, 2)):add(r.router, tvb(6, 2)) end
  tree:add(width == 4 and r.ipv4 or r.ipv6, tvb(at, width))
  tree:add(r.mac, tvb(at + width, 6))
  tree:add(r.since_heard, tvb(at + width + 8, 4))
  tree:append_text(" " .. (width == 4 and tostring(tvb(at, 4):ipv4()) or tostring(tvb(at, 16):ipv6())))
  add_attributes(tree, tvb, at + width + 12)
end

-- A delete has zeros behind its key.
local function add_group(item, tvb, width, is_put)
  add_ranged(item, r.filter_mode, tvb(6, 1), is_put and 1 or 0, is_put and 2 or 255, rbs_fault.record)
  add_ranged(item, r.compatibility, tvb(7, 1), is_put and 1 or 0, is_put and (width == 4 and 3 or 2) or 255, rbs_fault.record)
  item:add(width == 4 and r.group4 or r.group6, tvb(8, width))
  item:add(width == 4 and r.reporter4 or r.reporter6, tvb(8 + width, width))
  local at = 8 + 2 * width
  item:add(r.group_timer, tvb(at, 4))
  item:add(r.host_timer, tvb(at + 4, 4))
  local count = tvb(at + 8, 2):uint()
  local sources = item:add(r.sources, tvb(at + 8, 2))
  item:append_text(" " .. (width == 4 and tostring(tvb(8, 4):ipv4()) or tostring(tvb(8, 16):ipv6())))
  at = at + 12
  if count > 3000 or at + count * (width + 4) > tvb:len() then
    sources:add_proto_expert_info(rbs_fault.record)
    return
  end
  for _ = 1, count do
    item:add(width == 4 and r.ipv4 or r.ipv6, tvb(at, width))
    item:add(r.source_timer, tvb(at + width, 4))
    at = at + width + 4
  end
  add_attributes(item, tvb, at)
end

-- Octets of the fixed part of a service, and of its addresses.
local FIXED = { [2] = 28, [5] = 24, [21] = 28, [32] = 36, [36] = 52 }
local WIDTHS = { [2] = 4, [5] = 4, [21] = 4, [32] = 16, [36] = 16 }

local function add_record(tree, tvb, service)
  add_ranged(tree, r.operation, tvb(0, 1), 1, 2, rbs_fault.record)
  tree:add(r.record_length, tvb(2, 2))
  local body = tvb(4):tvb()
  tree:add(r.trunk, body(0, 2))
  tree:add(r.outer_vlan, body(2, 2))
  tree:add(r.inner_vlan, body(4, 2))
  tree:append_text(", " .. (OPERATIONS[tvb(0, 1):uint()] or "?"))
  if service == 5 or service == 32 then add_host(tree, body, WIDTHS[service])
  else add_group(tree, body, WIDTHS[service], tvb(0, 1):uint() == 1) end
end

local function add_entries(tree, tvb)
  local of = add_of(tree, tvb)
  tree:add(r.entries_flags, tvb(3, 1)):add(r.in_batch, tvb(3, 1))
  tree:add(r.generation, tvb(4, 4))
  tree:add(r.records, tvb(8, 2))
  local service, count, at = tvb(2, 1):uint(), tvb(8, 2):uint(), 12
  if not FIXED[service] then
    if tvb:len() > at then tree:add(r.unknown, tvb(at)) end
    return of
  end
  for n = 1, count do
    local left = tvb:len() - at
    local length = left >= 4 and tvb(at + 2, 2):uint() or 0
    if length < 4 + FIXED[service] or length > left then
      tree:add_proto_expert_info(rbs_fault.record, "Record " .. n .. " is cut short")
      break
    end
    add_record(tree:add(rbs, tvb(at, length), "Record"), tvb(at, length):tvb(), service)
    at = at + length
  end
  return of .. ", " .. count .. " records"
end

local function add_acknowledgement(tree, tvb)
  add_number(tree, r.acknowledged, tvb(0, 8))
  return "acknowledged " .. tostring(tvb(0, 8):uint64())
end

local function add_digest(tree, tvb)
  local of = add_of(tree, tvb)
  tree:add(r.generation, tvb(4, 4))
  tree:add(r.entries, tvb(8, 4))
  tree:add(r.digest, tvb(12, 8))
  return of .. ", " .. tvb(8, 4):uint() .. " entries"
end

-- Octets of the known part of each body, and what adds it; that returns a text for the list of frames.
local BODIES = {
  { 14, add_open },
  { 8, add_acknowledgement },
  { 8, function(tree, tvb)
    add_id(tree, tvb)
    add_ranged(tree, r.state, tvb(2, 1), 0, 2, rbs_fault.value)
    tree:add(r.generation, tvb(4, 4))
    return "Backup-ID " .. tvb(0, 2):uint() .. " " .. (PROFILE_STATES[tvb(2, 1):uint()] or "?")
  end },
  { 12, function(tree, tvb)
    local of = add_of(tree, tvb)
    tree:add(r.generation, tvb(4, 4))
    tree:add(r.entries, tvb(8, 4))
    return of .. ", " .. tvb(8, 4):uint() .. " entries expected"
  end },
  { 12, add_entries },
  { 20, add_digest },
  { 8, add_acknowledgement },
  { 4, function(tree, tvb)
    local of = add_of(tree, tvb)
    add_ranged(tree, r.reason, tvb(3, 1), 1, 3, rbs_fault.value)
    return of .. ", " .. (REFRESH_REASONS[tvb(3, 1):uint()] or "?")
  end },
  { 20, add_digest },
  { 2, function(tree, tvb)
    add_ranged(tree, r.code, tvb(0, 2), 1, 7, rbs_fault.value)
    if tvb:len() > 2 then tree:add(r.text, tvb(2, math.min(64, tvb:len() - 2))) end
    return CLOSE_CODES[tvb(0, 2):uint()] or "?"
  end },
  { 12, function(tree, tvb)
    local of = add_of(tree, tvb)
    tree:add(r.outer_vlan, tvb(4, 2))
    tree:add(r.inner_vlan, tvb(6, 2))
    tree:add(r.trunk, tvb(8, 2))
    if tvb:len() > 12 then tree:add(r.packet, tvb(12)) end
    return of
  end },
}

-- Texts of the messages that end in one frame, for the list of frames.
local told = {}

local function dissect_message(tvb, pinfo, root)
  local type = tvb(3, 1):uint()
  local name = MESSAGES[type] or "type " .. type
  local tree = root:add(rbs, tvb(), "RBS " .. name)
  local item = tree:add(r.magic, tvb(0, 2))
  if tvb(0, 2):uint() ~= RBS_MAGIC then item:add_proto_expert_info(rbs_fault.magic) end
  item = tree:add(r.version, tvb(2, 1))
  if tvb(2, 1):uint() ~= 1 then item:add_proto_expert_info(rbs_fault.version) end
  tree:add(r.type, tvb(3, 1))
  add_ranged(tree, r.length, tvb(4, 4), RBS_HEADER, LONGEST_MESSAGE, rbs_fault.length)
  if tvb:len() < RBS_HEADER then return tvb:len() end
  add_number(tree, r.sequence, tvb(8, 8))
  local text, body = "", BODIES[type]
  local length = tvb:len() - RBS_HEADER
  if not body then
    if length > 0 then tree:add(r.unknown, tvb(RBS_HEADER)) end
  elseif length < body[1] then
    tree:add_proto_expert_info(rbs_fault.body, "Body of " .. length .. " octets instead of " .. body[1])
  else
    text = " (" .. body[2](tree, tvb(RBS_HEADER):tvb()) .. ")"
  end
  told[#told + 1] = name .. " " .. tostring(tvb(8, 8):uint64()) .. text
  return tvb:len()
end

-- A length out of its range cannot be waited for: what is there is shown.
local function message_length(tvb, _, at)
  local length = tvb(at + 4, 4):uint()
  local isSound = tvb(at, 2):uint() == RBS_MAGIC and length >= RBS_HEADER and length <= LONGEST_MESSAGE
  return isSound and length or tvb:len() - at
end

local function dissect_segment(tvb, pinfo, root)
  told = {}
  pinfo.cols.protocol = "RBS"
  pinfo.cols.info = "RBS, part of a message"
  dissect_tcp_pdus(tvb, root, RBS_HEADER, message_length, dissect_message)
  if #told > 0 then pinfo.cols.info = table.concat(told, "; ") end
  return tvb:len()
end
rbs.dissector = dissect_segment

rbs:register_heuristic("tcp", function(tvb, pinfo, root)
  if tvb:len() < RBS_HEADER or tvb(0, 2):uint() ~= RBS_MAGIC then return false end
  local length = tvb(4, 4):uint()
  if length < RBS_HEADER or length > LONGEST_MESSAGE then return false end
  pinfo.conversation = rbs
  -- Called as a dissector it might not wait for the rest of a message.
  dissect_segment(tvb, pinfo, root)
  return true
end)

local tcp_ports = DissectorTable.get("tcp.port")
local rbs_port = 0
function rbs.prefs_changed()
  if rbs_port ~= 0 then tcp_ports:remove(rbs_port, rbs) end
  rbs_port = rbs.prefs.port
  if rbs_port ~= 0 then tcp_ports:add(rbs_port, rbs) end
end
