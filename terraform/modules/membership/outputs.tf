output "table" {
  description = "Name of the table of members."
  value       = module.members.name
}

output "stripe_secrets" {
  description = "Names of the parameters that Stripe's secret key and the webhook's signing secret are put into."
  value       = { for key, parameter in aws_ssm_parameter.stripe : key => parameter.name }
}

output "waiting_for" {
  description = "What a person still has to do before memberships can be paid."
  value = [for key, parameter in aws_ssm_parameter.stripe : {
    module = "membership"
    what   = local.secrets[key].what
    where  = "Systems Manager, Parameter Store: ${parameter.name}"
    action = "fleet secrets set ${var.creator.slug} ${trimprefix(parameter.name, "/${var.creator.slug}/")}"
  } if parameter.version == 1]
}

output "route_throttles" {
  description = "Limits of the public routes, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}

output "standby" {
  description = "What the second region answers: functions with their routes, and their environment. Stripe's secrets are in the first region alone, so that nothing is paid in the second."
  value = {
    functions   = { for name in ["get_membership", "manage_members"] : name => local.functions[name] }
    environment = module.functions.environment
  }
}
