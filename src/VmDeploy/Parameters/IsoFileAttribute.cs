namespace VmDeploy.PowerShell;

/// <summary>Accepts a path or a file as <see cref="FilePathAttribute"/> does, and a file on a datastore, whose session it keeps.</summary>
public sealed class IsoFileAttribute : FilePathAttribute
{
    /// <inheritdoc/>
    protected override object Convert(object value) => value is DatastoreFile ? HostObjectText.Of(value) : base.Convert(value);
}
