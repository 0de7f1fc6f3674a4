// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {BackstopTerms} from "./BackstopTerms.sol";
import {PerpMarkets} from "./PerpMarkets.sol";
import {PerpPositions} from "./PerpPositions.sol";
import {PerpVenue} from "./PerpVenue.sol";
import {Tranche} from "./Tranche.sol";

/// @title BackstopLayers
/// @notice Who pays what is missing, in turn: what the backstop's own account at the venue has, which is what penalties
///         and gains brought, then the junior tranche, the insurance fund, and the senior tranche.
/// @dev USD × 1e18, token amounts in the token's own units. What this contract holds itself is the insurance fund; the
///      tranches hold their own.
abstract contract BackstopLayers is BackstopTerms {
    using SafeERC20 for IERC20;

    /// @notice Who pays, in this order.
    enum Layer {
        Junior,
        Insurance,
        Senior
    }

    /// @notice First to pay, and best paid.
    Tranche public immutable junior;
    /// @notice Last to pay.
    Tranche public immutable senior;
    PerpVenue public immutable venue;
    IERC20 private immutable _token;
    uint256 internal immutable _tokenScale;

    /// @notice A layer paid for an account, or for a discount to it. The token's own units.
    event LayerPaid(Layer indexed layer, address indexed account, uint256 amount);
    /// @notice Income was shared out. The token's own units; the fund's is what no tranche was there to take.
    event IncomeShared(uint256 junior, uint256 senior, uint256 insurance);

    /// @notice The account owes nothing that the backstop pays.
    error NothingOwed(address account);

    constructor(PerpVenue venue_) {
        venue = venue_;
        IERC20 token = venue_.collateralToken();
        _token = token;
        _tokenScale = 10 ** (18 - IERC20Metadata(address(token)).decimals());
        (uint64 cooldown, uint64 exit) = (_terms.cooldownSeconds, _terms.exitSeconds);
        junior = new Tranche(token, "Plimsoll backstop, junior", "pbJ", cooldown, exit);
        senior = new Tranche(token, "Plimsoll backstop, senior", "pbS", cooldown, exit);
        token.forceApprove(address(venue_), type(uint256).max);
        token.forceApprove(address(junior), type(uint256).max);
        token.forceApprove(address(senior), type(uint256).max);
    }

    /// @notice The insurance fund. The token's own units.
    function insurance() public view returns (uint256) {
        return _token.balanceOf(address(this));
    }

    /// @dev Shares out what the own account has. Only once nothing inherited is left: the venue keeps margin back else.
    function _shareIncome() internal {
        uint256 income = venue.accountOf(address(this)).collateral / _tokenScale;
        if (income == 0) revert NothingOwed(address(this));
        venue.withdraw(income, address(this));
        uint256 toJunior = junior.totalSupply() == 0 ? 0 : Math.mulDiv(income, juniorSharePpm(), 1e6);
        uint256 toSenior = senior.totalSupply() == 0 ? 0 : income - Math.mulDiv(income, juniorSharePpm(), 1e6);
        if (toJunior != 0) junior.earn(toJunior);
        if (toSenior != 0) senior.earn(toSenior);
        emit IncomeShared(toJunior, toSenior, income - toJunior - toSenior);
    }

    /// @dev Pays what an account owes beyond its credit from the layers in turn. The token's own units.
    function _settle(address account) internal returns (uint256 paid) {
        uint256 owed = _owedBy(account);
        if (owed == 0) return 0;
        paid = _draw(account, owed);
        if (paid != 0) venue.coverLoss(account, paid, "backstop");
    }

    /// @dev What the layers are asked for: of an account only once it has no position left, of the backstop always.
    function _owedBy(address account) internal view returns (uint256) {
        PerpPositions.AccountView memory view_ = venue.accountOf(account);
        if (account == address(this)) return view_.unsettledLoss / _tokenScale;
        if (view_.positions.length != 0) return 0;
        return Math.saturatingSub(view_.unsettledLoss, view_.credit) / _tokenScale;
    }

    /// @dev Junior first, then the fund, then senior. What comes in lies here until it is paid on at once.
    function _draw(address account, uint256 amount) internal returns (uint256 drawn) {
        uint256 fund = insurance();
        uint256 part = junior.draw(amount);
        if (part != 0) emit LayerPaid(Layer.Junior, account, part);
        drawn = part;
        part = Math.min(amount - drawn, fund);
        if (part != 0) emit LayerPaid(Layer.Insurance, account, part);
        drawn += part;
        part = senior.draw(amount - drawn);
        if (part != 0) emit LayerPaid(Layer.Senior, account, part);
        drawn += part;
    }

    /// @dev All that can be drawn: what is leaving pays too, while it is liable.
    function _funds() internal view returns (uint256) {
        return junior.capital() + insurance() + senior.capital();
    }

    /// @dev What the own account at the venue has made so far, USD × 1e18; signed.
    function _result() internal view returns (int256) {
        PerpPositions.AccountView memory view_ = _priced(address(this));
        return view_.equity - int256(view_.credit);
    }

    /// @dev An account whose figures are to be relied on: with a market whose feed is dead they say nothing.
    function _priced(address account) internal view returns (PerpPositions.AccountView memory view_) {
        view_ = venue.accountOf(account);
        for (uint256 i = 0; i < view_.positions.length; ++i) {
            _requirePrice(view_.positions[i].market, view_.positions[i].price);
        }
    }

    function _requirePrice(bytes32 market, uint256 price) internal pure {
        if (price == 0) revert PerpMarkets.PriceNotPositive(market);
    }

    /// @dev What would have to be paid if all were closed now, and `more` besides. The token's own units, rounded up.
    /// @param more USD × 1e18.
    function _loss(uint256 more) internal view returns (uint256) {
        int256 left = _result() - int256(more);
        return left >= 0 ? 0 : Math.ceilDiv(uint256(-left), _tokenScale);
    }

    function _shareOf(address tranche, uint256 loss) internal view returns (uint256) {
        uint256 first = junior.capital();
        if (tranche == address(junior)) return Math.min(loss, first);
        return Math.min(Math.saturatingSub(loss, first + insurance()), senior.capital());
    }
}
