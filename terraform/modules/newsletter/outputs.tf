output "newsletter_table" {
  description = "Name of the table of subscribers and letters."
  value       = module.table.name
}

output "configuration_set" {
  description = "Name of the configuration set of SES that letters are sent with."
  value       = aws_sesv2_configuration_set.this.configuration_set_name
}

output "route_throttles" {
  description = "Limits of the public routes, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}

output "standby" {
  description = "What the second region answers: functions with their routes, and their environment. Letters are sent from the first region alone, and so is what asks for a confirmation."
  value = {
    functions   = { for name in ["subscriptions", "letter_archive", "subscriber_lists"] : name => local.functions[name] }
    environment = module.functions.environment
  }
}
