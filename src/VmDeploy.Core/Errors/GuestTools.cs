namespace VmDeploy;

/// <summary>The failure of what needs the tools of a guest.</summary>
internal static class GuestTools
{
    public static VmDeployException NotRunning(string vm, Exception cause, ErrorHint? hint = null) =>
        new(ErrorCodes.ToolsNotRunning, $"{vm}: the guest's tools are not running.", vm, cause, hint);
}
