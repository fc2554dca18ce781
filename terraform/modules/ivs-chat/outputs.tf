output "room_arn" {
  description = "ARN of the chat room."
  value       = aws_ivschat_room.this.arn
}

output "chat_table" {
  description = "Name of the table of members, bans and the room's own settings."
  value       = module.chat.name
}

output "route_throttles" {
  description = "Limits of the routes that give tokens, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}
