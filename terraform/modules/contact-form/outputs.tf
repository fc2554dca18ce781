output "contact_table" {
  description = "Name of the table of messages that are not delivered yet."
  value       = aws_dynamodb_table.contact.name
}

output "route_throttles" {
  description = "Limits of the public route, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}
