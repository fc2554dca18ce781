output "vault" {
  description = "Name of the vault that holds the recovery points."
  value       = aws_backup_vault.this.name
}

output "restore_role_arn" {
  description = "ARN of the role that AWS Backup restores tables as."
  value       = aws_iam_role.restore.arn
}

output "drills_table" {
  description = "Name of the table of drills."
  value       = module.drills.name
}

output "route_throttles" {
  description = "Limits of the public routes, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}
