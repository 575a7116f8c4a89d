namespace VmDeploy.PowerShell;

/// <summary>Takes a credential as it is: PowerShell's own attribute would ask for a password, also for the null of a file.</summary>
public sealed class LoginAttribute : ValueTransformationAttribute
{
    /// <inheritdoc/>
    protected override object Convert(object value) => value as PSCredential
        ?? throw new ArgumentTransformationMetadataException("A PSCredential is required, such as Get-Credential gives.", new PSInvalidCastException());
}
