using Microsoft.AspNetCore.Http.Features;

namespace VmDeploy.Simulator.Http;

/// <summary>Marks the connections of the Unix socket: only root of the host reaches it.</summary>
internal sealed class RootSocket
{
    private static readonly RootSocket s_mark = new();

    /// <summary>Marks a connection.</summary>
    public static void Mark(IFeatureCollection connection) => connection.Set(s_mark);

    /// <summary>Whether a connection, or the request on it, came over the socket.</summary>
    public static bool Is(IFeatureCollection features) => features.Get<RootSocket>() is not null;
}
