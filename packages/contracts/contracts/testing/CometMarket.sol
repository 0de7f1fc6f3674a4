// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title CometMarket
/// @notice One token lent and borrowed against others, of Compound III's shape: a principal that is owed where it is negative, two
///         indices that grow by the second, collateral that does not. Its rates are set; it asks nobody for a price. For local chains.
contract CometMarket {
    using SafeERC20 for IERC20;

    /// @notice What the market says of a collateral. Here the place and the address mean something.
    struct AssetInfo {
        uint8 offset;
        address asset;
        address priceFeed;
        uint64 scale;
        uint64 borrowCollateralFactor;
        uint64 liquidateCollateralFactor;
        uint64 liquidationFactor;
        uint128 supplyCap;
    }

    uint256 private constant _ONE = 1e15;

    address public immutable baseToken;
    /// @notice Interest of a second, × 1e18.
    uint256 public supplyRate;
    uint256 public borrowRate;
    address[] private _assets;
    uint256 private _supplyIndex = _ONE;
    uint256 private _borrowIndex = _ONE;
    uint256 private _accruedAt = block.timestamp;
    mapping(address account => int256) private _principal;
    mapping(address account => mapping(address asset => uint128)) private _collateral;

    /// @notice It is no collateral here.
    error BadAsset();

    constructor(address base, address[] memory assets) {
        baseToken = base;
        _assets = assets;
    }

    /// @notice Interest from now on, of a second, × 1e18.
    function setRates(uint256 supplyRate_, uint256 borrowRate_) external {
        _accrue();
        (supplyRate, borrowRate) = (supplyRate_, borrowRate_);
    }

    /// @notice Pays a debt in the base, lends what is left of it, or lays collateral down.
    function supply(address asset, uint256 amount) external {
        IERC20(asset).safeTransferFrom(msg.sender, address(this), amount);
        if (asset == baseToken) {
            _add(msg.sender, int256(amount));
        } else {
            getAssetInfoByAddress(asset);
            _collateral[msg.sender][asset] += uint128(amount);
        }
    }

    /// @notice Takes the base back, borrows what is more than was lent, or takes collateral back.
    function withdraw(address asset, uint256 amount) external {
        if (asset == baseToken) _add(msg.sender, -int256(amount));
        else _collateral[msg.sender][asset] -= uint128(amount);
        IERC20(asset).safeTransfer(msg.sender, amount);
    }

    /// @notice Takes an account's collateral for what it is said to be worth in the base. What it does not pay nobody owes any more.
    function absorb(address account, uint256 worth) external {
        for (uint256 i = 0; i < _assets.length; ++i) {
            _collateral[account][_assets[i]] = 0;
        }
        uint256 owed = borrowBalanceOf(account);
        _add(account, int256(worth > owed ? worth : owed));
    }

    /// @notice What is lent now, rounded down; 0 for who owes.
    function balanceOf(address account) external view returns (uint256) {
        (uint256 index,) = _indices();
        int256 principal = _principal[account];
        return principal > 0 ? uint256(principal) * index / _ONE : 0;
    }

    /// @notice What is owed now, rounded down: paying so much pays it all.
    function borrowBalanceOf(address account) public view returns (uint256) {
        (, uint256 index) = _indices();
        int256 principal = _principal[account];
        return principal < 0 ? uint256(-principal) * index / _ONE : 0;
    }

    /// @notice What lies there of a collateral; 0 too for what is none.
    function collateralBalanceOf(address account, address asset) external view returns (uint128) {
        return _collateral[account][asset];
    }

    /// @notice What the market says of a collateral.
    function getAssetInfoByAddress(address asset) public view returns (AssetInfo memory info) {
        for (uint256 i = 0; i < _assets.length; ++i) {
            if (_assets[i] != asset) continue;
            (info.offset, info.asset) = (uint8(i), asset);
            return info;
        }
        revert BadAsset();
    }

    function _add(address account, int256 amount) private {
        _accrue();
        int256 principal = _principal[account];
        int256 value = principal * int256(principal < 0 ? _borrowIndex : _supplyIndex) / int256(_ONE) + amount;
        _principal[account] = value < 0
            ? -int256((uint256(-value) * _ONE + _borrowIndex - 1) / _borrowIndex)
            : int256(uint256(value) * _ONE / _supplyIndex);
    }

    function _accrue() private {
        (_supplyIndex, _borrowIndex) = _indices();
        _accruedAt = block.timestamp;
    }

    function _indices() private view returns (uint256 supplyIndex, uint256 borrowIndex) {
        uint256 elapsed = block.timestamp - _accruedAt;
        supplyIndex = _supplyIndex + _supplyIndex * supplyRate * elapsed / 1e18;
        borrowIndex = _borrowIndex + _borrowIndex * borrowRate * elapsed / 1e18;
    }
}
