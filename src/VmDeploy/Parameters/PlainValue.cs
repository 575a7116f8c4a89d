namespace VmDeploy.PowerShell;

/// <summary>PowerShell hands values over with or without its wrapper.</summary>
internal static class PlainValue
{
    /// <summary>The value itself.</summary>
    public static object? Of(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
