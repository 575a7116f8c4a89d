using System.Reflection;
using System.Runtime.ExceptionServices;

namespace VmDeploy.Simulator.Esxi.Core;

/// <summary>A method of a managed object type.</summary>
internal sealed class ManagedMethod(MethodInfo method, VimMethodAttribute attribute)
{
    public string Name => method.Name;

    public bool Anonymous => attribute.Anonymous;

    public bool Writes => attribute.Writes;

    public bool VCenterOnly => attribute.VCenterOnly;

    public Version Since { get; } = Version.Parse(attribute.Since);

    /// <summary>Calls it and returns its result.</summary>
    public async Task<object?> CallAsync(ManagedObject target, VimCall call)
    {
        if (method.ReturnType == typeof(Task<object?>))
            return await (Task<object?>)Invoke(target, call)!;
        lock (target.Esx.Gate)
            return Invoke(target, call);
    }

    private object? Invoke(ManagedObject target, VimCall call)
    {
        try
        {
            return method.Invoke(target, [call]);
        }
        catch (TargetInvocationException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }
}
